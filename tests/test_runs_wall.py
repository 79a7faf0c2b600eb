"""Whose runs somebody sees: those they started, and their organization's;
the installation's own are for staff.
"""

import pytest

from core.models import Run
from core.signin import roles
from tests.support.other import Other
from tests.support.people import client_of, member, person, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> Other:
    return Other()


def test_whoever_started_a_run_sees_it_whatever_their_role(other):
    closer = member("CLOSER", other.organization)
    client = client_of(closer)
    assert client.get(f"/api/runs/{other.run.pk}").status_code == 404
    assert client.get("/api/runs").json()["results"] == []
    Run.objects.update(started_by=closer)
    assert client.get(f"/api/runs/{other.run.pk}").json()["id"] == str(other.run.pk)


def test_the_installations_own_runs_are_for_staff(other):
    run = Run.objects.create(kind="house")
    assert client_of(other.chief).get(f"/api/runs/{run.pk}").status_code == 404
    viewer = client_of(staff(roles.OPERATIONS_VIEWER))
    assert viewer.get(f"/api/runs/{run.pk}").status_code == 200
    assert viewer.post(f"/api/runs/{run.pk}/cancel").status_code == 403
    assert (
        client_of(staff(roles.OPERATIONS_ADMIN)).post(f"/api/runs/{run.pk}/cancel").json()["state"]
        == "cancelled"
    )


def test_someone_in_no_organization_sees_nothing(other):
    client = client_of(person())
    assert client.get("/api/runs").json()["results"] == []
    assert client.get("/api/me").json()["organization"] is None
    assert client.get(f"/api/runs/{other.run.pk}").status_code == 404
