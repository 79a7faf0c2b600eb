"""The home of staff: sources, open incidents, and for an auditor who read what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import runs
from core.audit import verifying
from core.models import AuditEvent, Run
from tests.dashboard.conftest import make_incident, signed_in
from tests.fathom_sync.cast import own_account
from tests.support import people
from tests.support.world import World

# A Tuesday, so that the days around it are in the same week: noon in Amsterdam.
NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    return World()


def home(world: World, role: str) -> Any:
    return signed_in(world.users[role]).get("/")


def titles(answer: Any) -> list[str]:
    return [str(need.title) for need in answer.context["needs"].rows]


def test_operations_see_a_row_for_each_source(world: World):
    own_account(world.organization)
    page = signed_in(people.staff()).get("/")
    assert [row.name for row in page.context["source_table"].rows] == ["Fathom"]
    assert [(str(figure.label), figure.value) for figure in page.context["figures"]] == [
        ("Open incidents", "0"),
        ("Sources proven", "0 of 1"),
        ("Running now", "0"),
        ("Failed", "0"),
    ]


def test_operations_read_the_number_of_open_incidents_that_the_navigation_has(world: World):
    for number in range(7):
        make_incident(f"Number {number}", world.organization)
    make_incident("Seen to", world.organization, acknowledged_at=timezone.now())
    make_incident("Asleep", world.organization, snoozed_until=timezone.now() + timedelta(hours=1))
    ops = signed_in(people.staff())
    answer = ops.get("/")
    figure = answer.context["figures"][0]
    assert (figure.value, answer.context["shell"].waiting_incidents) == ("7", 7)
    assert ops.get(figure.href).content.decode().count(">Number ") == 7
    assert {"Seen to", "Asleep"}.isdisjoint(titles(answer))


def test_an_auditor_sees_who_read_a_secret_and_when_the_chain_was_verified(world: World):
    auditor = signed_in(people.staff("Auditor"))
    assert "Never verified" in auditor.get("/").content.decode()
    answer = auditor.post("/audit/verify")
    run = Run.objects.get(kind=verifying.KIND.key)
    assert answer["Location"] == f"/runs/{run.pk}"
    # A second press joins what is under way.
    auditor.post("/audit/verify")
    assert Run.objects.filter(kind=verifying.KIND.key).count() == 1
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.evidence["problems"]) == ("succeeded", 0)
    assert AuditEvent.objects.filter(action="audit.verified").count() == 1
    page = auditor.get("/")
    assert page.context["check"].is_intact
    assert "Chain verified" in page.content.decode()
    assert next((str(part.kind.title), len(part.rows)) for part in page.context["acts"]) == (
        "Secrets read in full",
        0,
    )


def test_whoever_may_not_see_the_log_starts_no_check_of_it(world: World):
    for user in (world.users["CEO"], world.users["ADMIN"], people.staff("Operations viewer")):
        assert signed_in(user).post("/audit/verify").status_code == 404
    assert not Run.objects.exists()
