"""When a closer is busy, who is entries what of it, and two who book the same time at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from crm import services
from crm.models import Appointment
from crm.services import Clash
from tests.support.people import assert_error, client_of, member, organization
from tests.support.world import World

DAY = datetime(2026, 6, 18, tzinfo=UTC)


def asked(world: World, **values: str) -> dict[str, str]:
    span = {"from": "2026-06-18T00:00:00Z", "to": "2026-06-19T00:00:00Z"}
    return {"closer": str(world.members["CLOSER"].pk), **span, **values}


@pytest.fixture
def world(db: None) -> World:
    made = World()
    made.appointment.delete()
    return made


def test_busy_times_name_only_meetings_that_the_reader_sees(world: World):
    seen = world.book(DAY + timedelta(hours=9), closer=world.members["CLOSER"])
    other = services.create_lead(organization=world.organization, name="Another's")
    world.book(DAY + timedelta(hours=11), closer=world.members["CLOSER"], lead=other)
    world.book(DAY + timedelta(hours=13), closer=world.members["CLOSER"], status="cancelled")
    world.book(DAY + timedelta(hours=15), closer=world.members["CEO"])
    answer = client_of(world.users["SETTER"]).get("/api/crm/availability", asked(world)).json()
    assert answer["closerId"] == str(world.members["CLOSER"].pk)
    assert [(busy["startsAt"], busy["appointmentId"]) for busy in answer["busy"]] == [
        ("2026-06-18T09:00:00Z", str(seen.pk)),
        ("2026-06-18T11:00:00Z", None),
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"closer": ""}, "closer"),
        ({"closer": "x"}, "closer"),
        ({"from": ""}, "from"),
        ({"to": "2026-06-18T00:00:00Z"}, "to"),
        ({"to": "2027-06-18T00:00:00Z"}, "to"),
        ({"more": "1"}, "more"),
    ],
)
def test_what_cannot_be_asked_is_refused(world: World, values: dict[str, str], field: str):
    answer = client_of(world.users["CEO"]).get("/api/crm/availability", asked(world, **values))
    assert field in assert_error(answer, 400)["fields"]


def test_a_closer_of_another_organization_is_not_there(world: World):
    stranger = member("CEO", organization("Contoso"))
    assert_error(client_of(stranger).get("/api/crm/availability", asked(world)), 404)


def test_a_clash_is_refused_where_that_is_asked_for(world: World):
    world.book(DAY + timedelta(hours=9), closer=world.members["CLOSER"])
    body = {
        "leadId": str(world.lead.pk),
        "closerId": str(world.members["CLOSER"].pk),
        "startsAt": "2026-06-18T09:30:00Z",
        "endsAt": "2026-06-18T10:30:00Z",
        "refuseClash": True,
    }
    client = client_of(world.users["SETTER"])
    assert_error(client.post("/api/crm/appointments", body), 409, "clash")
    assert client.post("/api/crm/appointments", {**body, "refuseClash": False}).status_code == 201
    beside = {**body, "startsAt": "2026-06-18T10:30:00Z", "endsAt": "2026-06-18T11:00:00Z"}
    assert client.post("/api/crm/appointments", beside).status_code == 201


def test_the_api_cancels_with_a_reason_and_tells_the_history(world: World):
    made = world.book(DAY + timedelta(hours=9), closer=world.members["CLOSER"])
    client, address = client_of(world.users["CLOSER"]), f"/api/crm/appointments/{made.pk}"
    answer = client.patch(address, {"status": "cancelled", "cancelReason": "Ill"}).json()
    assert (answer["status"], answer["cancelReason"], answer["cancelledAt"] is None) == (
        "cancelled",
        "Ill",
        False,
    )
    answer = client.patch(address, {"status": "scheduled"}).json()
    assert (answer["status"], answer["cancelReason"], answer["cancelledAt"]) == (
        "scheduled",
        "",
        None,
    )
    entries = client.get(f"{address}/history").json()["results"]
    assert [(entry["action"], entry["actor"]) for entry in entries] == [
        ("appointment.reopened", "closer"),
        ("appointment.cancelled", "closer"),
    ]
    assert entries[0]["facts"] == {"previousStatus": "cancelled"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_book_the_same_closer_at_once_the_second_is_warned():
    world = World()
    closer, both = world.members["CLOSER"], Barrier(2)

    def book(minutes: int) -> str:
        starts = DAY + timedelta(hours=9, minutes=minutes)
        try:
            both.wait(timeout=10)
            services.book_appointment(
                organization=world.organization,
                lead=world.lead,
                closer=closer,
                starts=starts,
                ends=starts + timedelta(hours=1),
                time_zone="Europe/Amsterdam",
                refuse_clash=True,
            )
        except Clash:
            return "warned"
        finally:
            connection.close()
        return "booked"

    for day in range(5):
        with ThreadPoolExecutor(2) as pool:
            found: list[Any] = list(pool.map(book, (day * 120, day * 120 + 30)))
        assert sorted(found) == ["booked", "warned"]
    assert (
        Appointment.objects.filter(
            starts_at__gte=DAY, starts_at__lt=DAY + timedelta(days=1)
        ).count()
        == 5
    )
