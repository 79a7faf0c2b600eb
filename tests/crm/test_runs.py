"""GET /api/runs, /api/runs/{id} and POST /api/runs/{id}/cancel, as the contract has them."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from core import incidents
from core.models import AuditEvent, Run
from crm import access
from tests.support import truth
from tests.support.people import (
    BODIES_THAT_SAY_NOTHING,
    assert_error,
    client_of,
    member,
    organization,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def northwind():
    return organization()


def a_run(of, **values) -> Run:
    return Run.objects.create(kind="fathom.sync", organization_id=of and of.pk, **values)


def test_a_run_is_shown_as_the_contract_has_it(northwind, django_assert_num_queries):
    run = a_run(
        northwind,
        state="incomplete",
        progress_done=130,
        progress_total=132,
        progress_reached=datetime(2026, 2, 1, 9, 30, tzinfo=UTC),
        counts={"imported": 128, "errors": 2},
        outcomes={"imported": 128, "error": 2, "no_rep": 2},
        evidence={"atVendor": 132, "here": 130},
        error="2 meetings could not be read.",
        started_at=datetime(2026, 3, 1, 4, 0, tzinfo=UTC),
        finished_at=datetime(2026, 3, 1, 4, 10, tzinfo=UTC),
    )
    client = client_of(member("CEO", northwind))
    with django_assert_num_queries(3):  # the token, their organizations, the run
        answer = client.get(f"/api/runs/{run.pk}")
    truth.check("GET", f"/api/runs/{run.pk}", answer)
    body = answer.json()
    assert body.pop("createdAt").endswith("Z")
    assert body == {
        "id": str(run.pk),
        "kind": "fathom.sync",
        "state": "incomplete",
        "trigger": "",
        "organizationId": str(northwind.pk),
        "progress": {"done": 130, "total": 132, "reached": "2026-02-01T09:30:00Z"},
        "counts": {"imported": 128, "errors": 2},
        "outcomes": {"imported": 128, "error": 2, "no_rep": 2},
        "evidence": {"atVendor": 132, "here": 130},
        "error": "2 meetings could not be read.",
        "startedAt": "2026-03-01T04:00:00Z",
        "finishedAt": "2026-03-01T04:10:00Z",
    }


def test_the_list_is_newest_first_filtered_and_paged(northwind, django_assert_num_queries):
    runs = [a_run(northwind, state="failed" if index % 2 else "succeeded") for index in range(5)]
    client = client_of(member("MANAGER", northwind))
    with django_assert_num_queries(3):
        answer = client.get("/api/runs?pageSize=2")
    truth.check("GET", "/api/runs", answer)
    newest = sorted((str(run.pk) for run in runs), reverse=True)
    assert [row["id"] for row in answer.json()["results"]] == newest[:2]
    following = client.get(answer.json()["next"])
    truth.check("GET", "/api/runs", following)
    assert [row["id"] for row in following.json()["results"]] == newest[2:4]
    assert len(client.get("/api/runs?state=failed").json()["results"]) == 2
    assert client.get("/api/runs?kind=bison.sync").json()["results"] == []
    assert len(client.get("/api/runs?ordering=-createdAt&search=fathom").json()["results"]) == 5


def test_what_is_not_there_is_404(northwind):
    client = client_of(member("CEO", northwind))
    for path in (f"/api/runs/{uuid4()}", f"/api/runs/{uuid4()}/cancel", "/api/runs/7"):
        method = client.post if path.endswith("cancel") else client.get
        assert_error(method(path), 404, "not_found")


@pytest.mark.parametrize("role", ["CEO", "MANAGER", "ADMIN"])
def test_whoever_runs_the_organization_may_stop_its_runs(northwind, role):
    run = a_run(northwind)
    user = member(role, northwind)
    answer = client_of(user).post(f"/api/runs/{run.pk}/cancel")
    truth.check("POST", f"/api/runs/{run.pk}/cancel", answer)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert AuditEvent.objects.get(action="run.cancelled").actor_id == user.pk


def test_a_running_one_is_asked_to_stop(northwind):
    run = a_run(northwind, state="running")
    assert (
        client_of(member("CEO", northwind)).post(f"/api/runs/{run.pk}/cancel").json()["state"]
        == "running"
    )
    run.refresh_from_db()
    assert run.cancel_requested


@pytest.mark.parametrize("state", ["succeeded", "incomplete", "failed", "cancelled"])
def test_one_that_has_ended_is_a_conflict_and_stays_as_it_is(northwind, state):
    run = a_run(northwind, state=state)
    answer = client_of(member("CEO", northwind)).post(f"/api/runs/{run.pk}/cancel")
    truth.check("POST", f"/api/runs/{run.pk}/cancel", answer)
    assert_error(answer, 409, "run_ended")
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == (state, False)
    assert not AuditEvent.objects.filter(action="run.cancelled").exists()


@pytest.mark.parametrize("role", ["CLOSER", "SETTER"])
def test_others_of_the_organization_do_not_see_its_runs(northwind, role):
    run = a_run(northwind)
    client = client_of(member(role, northwind))
    assert_error(client.get(f"/api/runs/{run.pk}"), 404)
    assert_error(client.post(f"/api/runs/{run.pk}/cancel"), 404)
    run.refresh_from_db()
    assert run.state == "queued"


@pytest.mark.parametrize("role", ["Operations viewer", "Auditor"])
@pytest.mark.parametrize("is_their_own", [False, True])
def test_staff_who_only_look_see_a_run_and_may_not_stop_it_whoever_started_it(
    northwind, role, is_their_own
):
    user = staff(role)
    run = a_run(northwind, started_by=user if is_their_own else None)
    client = client_of(user)
    assert client.get(f"/api/runs/{run.pk}").status_code == 200
    assert_error(client.post(f"/api/runs/{run.pk}/cancel"), 403, "not_permitted")
    run.refresh_from_db()
    assert run.state == "queued"


def test_an_admin_sees_and_stops_the_runs_of_every_organization_but_not_the_installations(
    northwind,
):
    theirs, house = a_run(organization("Contoso"), state="running"), a_run(None, state="running")
    incidents.observe(
        "cause:theirs", ok=False, title="Theirs", organization_id=theirs.organization_id
    )
    incidents.observe("cause:house", ok=False, title="The house's")
    admin, ceo = member("ADMIN", northwind), member("CEO", northwind)

    assert [row["id"] for row in client_of(admin).get("/api/runs").json()["results"]] == [
        str(theirs.pk)
    ]
    assert client_of(admin).get(f"/api/runs/{house.pk}").status_code == 404
    assert [row.title for row in access.incidents_for(admin)] == ["Theirs"]
    assert client_of(admin).post(f"/api/runs/{theirs.pk}/cancel").json()["state"] in (
        "cancelled",
        "running",
    )
    assert client_of(ceo).get("/api/runs").json()["results"] == []
    assert not access.incidents_for(ceo).exists()


@pytest.mark.parametrize("body", BODIES_THAT_SAY_NOTHING)
def test_stopping_reads_its_body_as_every_write_does(northwind, body):
    run = a_run(northwind, state="running")
    content, kind, status = body

    answer = client_of(member("CEO", northwind)).generic(
        "POST", f"/api/runs/{run.pk}/cancel", content, content_type=kind
    )

    assert_error(answer, status)
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == ("running", False)
