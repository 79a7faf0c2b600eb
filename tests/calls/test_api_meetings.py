"""The meetings of a span over the API, with whether one may join."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from crm import services
from tests.support.people import assert_error, client_of, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.users["CEO"])


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_the_meetings_of_a_span_with_whether_one_may_join(world, client):
    soon = world.book(starts=timezone.now() + timedelta(minutes=5), closer=world.members["CLOSER"])
    later = world.book(starts=timezone.now() + timedelta(days=2))
    rows = client.get("/api/calls/appointments").json()["results"]
    assert [(row["id"], row["canJoin"]) for row in rows] == [
        (str(soon.pk), True),
        (str(world.appointment.pk), True),
        (str(later.pk), True),
    ]
    assert not any(
        row["canJoin"]
        for row in client_of(staff()).get("/api/calls/appointments").json()["results"]
    )
    limit = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ids(client.get(f"/api/calls/appointments?from={limit}")) == [str(later.pk)]
    assert ids(client.get(f"/api/calls/appointments?to={limit}")) == [
        str(soon.pk),
        str(world.appointment.pk),
    ]
    assert ids(client_of(world.users["CLOSER"]).get("/api/calls/appointments")) == [
        str(soon.pk),
        str(world.appointment.pk),
    ]


def test_the_meetings_are_filtered_as_those_of_the_crm(world, client):
    closer, setter = world.members["CLOSER"], world.members["SETTER"]
    other = world.book(lead=services.create_lead(organization=world.organization, name="Other"))
    services.cancel_appointment(appointment=other)
    every = {str(other.pk), str(world.appointment.pk)}
    for query, found in {
        "status=cancelled": {str(other.pk)},
        f"leadId={world.lead.pk}": {str(world.appointment.pk)},
        f"closerId={closer.pk}": {str(world.appointment.pk)},
        f"setterId={setter.pk}": {str(world.appointment.pk)},
        f"teamId={world.team.pk}": {str(world.appointment.pk)},
        f"leadId={uuid4()}": set(),
        "from=&to=": every,
    }.items():
        assert set(ids(client.get(f"/api/calls/appointments?{query}"))) == found, query
    for query in ("status=nope", "leadId=1", "from=2026-11-02"):
        assert_error(client.get(f"/api/calls/appointments?{query}"), 400)
