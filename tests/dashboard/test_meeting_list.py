"""The list of meetings behind figures: whose they are, by which time they are found,
and what the page costs.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Appointment
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

LIST = "/scheduling/meetings"
QUERIES = 12


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def closer(world: World) -> Client:
    return signed_in(world.users["CLOSER"])


def titles(client: Client, query: str = "") -> list[str]:
    return [row.title for row in client.get(f"{LIST}?{query}").context["table"].rows]


def made(world: World, title: str, days: int, **columns: Any) -> Appointment:
    booked = world.book(
        timezone.now() - timedelta(days=days), closer=world.members["CLOSER"], team=world.team
    )
    Appointment.objects.filter(pk=booked.pk).update(title=title, **columns)
    return booked


def test_everybody_lists_the_meetings_that_they_see(world: World, closer: Client):
    # It may be tomorrow's, by the clock.
    Appointment.objects.filter(pk=world.appointment.pk).delete()
    made(world, "Theirs", 1)
    made(world, "Theirs too", 3)
    world.book(timezone.now() - timedelta(days=2), closer=world.members["CEO"])
    assert sorted(titles(closer)) == ["Theirs", "Theirs too"]
    outside = people.member("CEO", people.organization("Contoso"), "outsider")
    assert titles(signed_in(outside)) == []
    assert "No meetings match" in signed_in(outside).get(LIST).content.decode()
    assert Client().get(LIST).status_code == 302


def test_they_are_found_by_when_they_are_or_by_when_they_were_booked(world: World, closer: Client):
    made(world, "Long ago", 60)
    made(
        world,
        "Booked long ago",
        1,
        created_at=timezone.now() - timedelta(days=60),
        status="no_show",
    )
    Appointment.objects.filter(pk=world.appointment.pk).delete()
    assert titles(closer) == ["Booked long ago"]
    assert titles(closer, "days=booked") == ["Long ago"]
    assert titles(closer, "period=90&became=no_show&time=over") == ["Booked long ago"]
    assert titles(closer, "period=90&became=nonsense&days=x&time=y") == [
        "Booked long ago",
        "Long ago",
    ]


def test_a_page_costs_the_same_however_long_it_is(world: World, closer: Client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert closer.get(f"{LIST}?became=completed").status_code == 200
        return len(captured)

    made(world, "One", 1, status="completed")
    queries()
    few = queries()
    for number in range(12):
        made(world, f"Number {number}", 2, status="completed")
    assert queries() == few <= QUERIES
