"""A key that acts in another workspace is no healthy one, whatever number its answers have."""

import pytest

from bison import health
from bison.client import fingerprint
from bison.models import Workspace
from core import runs
from core.models import ApiCall
from tests.bison import cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]


def test_a_key_of_another_workspace_is_not_shown_as_healthy(transactional_db, bison_vendor):
    maverick = cast.instance(bison_vendor)
    aspen = cast.workspace(maverick, 3, bison_vendor)
    cast.workspace(maverick, 6, bison_vendor)
    aspen.bison_api_key = bison_vendor.key(4)
    aspen.key_fingerprint = fingerprint(bison_vendor.key(4))
    aspen.save()
    started = health.start(trigger="test")
    runs.execute(started.run.pk)
    found = dict(Workspace.objects.values_list("bison_workspace_id", "api_health_status"))
    assert found == {3: "degraded", 6: "healthy"}
    aspen.refresh_from_db()
    assert "another workspace" in aspen.api_last_error
    assert ApiCall.objects.get(workspace_name="Aspen Labs").success is False
