"""Fathom asks for a long pause in the middle of a list: the sync keeps no worker,
goes on from its page, adds up.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call
from core import runs
from core.models import Run
from tests.fathom_sync import cast
from tests.fathom_sync.cast import CHLOE, CHLOES_ALIAS
from tests.support.people import organization

pytestmark = pytest.mark.django_db


def test_a_sync_that_is_told_to_wait_comes_again_and_adds_up(sandbox, settings, monkeypatch):
    cast.point_at(sandbox, settings, monkeypatch)
    sandbox.turn("fathom", meetings=60)
    cast.chloe(organization(), aliases=[CHLOES_ALIAS])
    sandbox.fault(
        "fathom", "rate_limited", path="/external/v1/meetings", after=3, times=1, retry_after="600"
    )

    run = cast.synced(cast.installation())

    assert (run.state, run.error, run.attempts_in_vain) == ("queued", "", 0)
    assert timedelta(seconds=500) < run.waits_until - timezone.now() <= timedelta(seconds=600)
    assert 0 < run.counts["processed"] < 60
    assert run.checkpoint["cursor"]
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("queued", 1), "the pause is not over"

    Run.objects.filter(pk=run.pk).update(waits_until=timezone.now())
    cast.free_the_quota()
    assert runs.sweep() == 1
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("succeeded", 2)
    assert run.counts["processed"] == sum(run.outcomes.values()) == 60
    assert set(Call.objects.values_list("external_id", flat=True)) == cast.recorded_by(
        sandbox, CHLOE, CHLOES_ALIAS
    )
