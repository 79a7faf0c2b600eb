"""Statistics of calls broken down, taken along as a file; and their weeks over the API."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.test import Client

from core.models import AuditEvent
from core.signin import roles
from crm import services
from tests.calls.cast import fathom_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def test_a_csv_has_every_row_and_no_formula(world: World, chief: Client):
    for number in range(22):
        rep = services.create_rep(
            organization=world.organization, name=f"=cmd{number}", email=f"r{number}@example.com"
        )
        fathom_call(world, rep_id=rep.pk, started_at=NOW - timedelta(days=1))
    page = chief.get("/calls/statistics")
    assert len(page.context["tables"][0].rows) == 20
    assert "The 20 with the most calls" in page.content.decode()
    sent = chief.post("/calls/statistics/export?by=rep")
    lines = b"".join(sent.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 23
    assert all(line.startswith("'=cmd") for line in lines[1:])


def test_there_is_no_csv_of_another_name_nor_for_whoever_only_reads(world: World, chief: Client):
    assert chief.get("/calls/statistics/export?by=rep").status_code == 405
    for query in ("", "?by=", "?by=week", "?by=x"):
        assert chief.post(f"/calls/statistics/export{query}").status_code == 404
    viewer = signed_in(people.staff(roles.OPERATIONS_VIEWER))
    fathom_call(world, started_at=NOW - timedelta(days=1))
    assert viewer.post("/calls/statistics/export?by=rep").status_code == 403
    assert "/calls/statistics/export" not in viewer.get("/calls/statistics").content.decode()
    assert not AuditEvent.objects.filter(action="export.made").exists()


def test_weeks_of_the_api_begin_on_monday_in_the_readers_zone(world: World):
    client = people.client_of(world.users["CEO"])
    for began in (
        datetime(2026, 11, 8, 22, 30, tzinfo=UTC),
        datetime(2026, 11, 8, 23, 30, tzinfo=UTC),
    ):
        fathom_call(world, started_at=began, ended_at=None)
    weeks = client.get("/api/calls/stats?groupBy=week").json()["groups"]
    days = [week["key"] for week in weeks]
    assert all(datetime.fromisoformat(day).weekday() == 0 for day in days)
    assert all(first < second for first, second in pairwise(days))
    assert sum(week["calls"] for week in weeks) == 2
