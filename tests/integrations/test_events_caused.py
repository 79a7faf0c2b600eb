"""Every event of the catalogue is caused by what it tells of, within its transaction,
in the shape that is promised.
"""
# ruff: noqa: F811 - fixtures come by their names

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from calls import library
from calls.models import Call
from core import happenings
from crm import services
from integrations import services as integrations
from integrations.events.catalogue import BY_NAME, KINDS, NAMES_OF_EVENTS
from integrations.events.emitting import emit
from integrations.events.sending import body_of
from integrations.models import Delivery, Event, Integration
from tests.calls import recorded, rooms, transcribed
from tests.calls.conftest import endpoint, vendors  # noqa: F401
from tests.calls.rooms import livekit  # noqa: F401  a fixture
from tests.integrations import events_cast as cast
from tests.integrations.conftest import given
from tests.support import people
from tests.support.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
URL = "https://hooks.example.com/koppel"


@pytest.fixture
def world() -> World:
    world = World()
    world.organization.tier = "PRO_PLUS"
    world.organization.save()
    return world


@pytest.fixture
def listener(world: World) -> Iterator[Integration]:
    """An endpoint that wants everything; whatever is told is told within a transaction."""
    outside: list[str] = []

    def look(*, name: str, **_signal: Any) -> None:
        if not connection.in_atomic_block:
            outside.append(name)

    happenings.happened.connect(look)
    made, _secret = cast.endpoint(people.client_of(world.users["CEO"]), URL)
    yield made
    happenings.happened.disconnect(look)
    assert outside == []


def of(name: str) -> list[Any]:
    """Return what the events of this name say, the earliest first."""
    return [event.data for event in Event.objects.filter(name=name).order_by("created_at", "id")]


def check_shapes(listener: Integration) -> None:
    """Hold everything that is written down to the catalogue, and to what is owed."""
    for event in Event.objects.all():
        validator = Draft202012Validator(BY_NAME[event.name].schema, format_checker=FormatChecker())
        validator.validate(json.loads(body_of(event)))
        assert set(event.data) == set(BY_NAME[event.name].example), event.name
    assert Delivery.objects.filter(integration=listener).count() == Event.objects.count()


def of_leads(world: World) -> None:
    lead = services.create_lead(
        organization=world.organization, name="Ada", email="ada@example.com"
    )
    services.update_lead(lead=lead, status="contacted", qualified_by=world.members["SETTER"])
    assert of("lead.created")[0]["id"] == str(lead.pk)
    assert set(of("lead.updated")[0]["changed"]) == {"status", "qualifiedById"}
    assert of("lead.status_changed")[0]["previousStatus"] == "new"
    services.update_lead(lead=lead, status="contacted")
    assert len(of("lead.updated")) == 1
    twin = services.create_lead(organization=world.organization, name="Ada again")
    services.merge_people(person=lead, other=twin)
    assert of("lead.merged")[0]["otherId"] == str(twin.pk)
    expected = [{"id": str(each.pk)} for each in (twin, lead)]
    services.delete_lead(lead=lead)
    assert of("lead.deleted") == expected


def of_contacts(world: World) -> None:
    contact = services.create_contact(
        organization=world.organization, name="Grace", email="grace@example.com"
    )
    services.update_contact(contact=contact, phone="+31 20 123 4567")
    twin = services.create_contact(organization=world.organization, name="Grace again")
    services.merge_people(person=contact, other=twin)
    assert of("contact.merged")[0]["otherId"] == str(twin.pk)
    expected = [{"id": str(each.pk)} for each in (twin, contact)]
    services.delete_contact(contact=contact)
    assert of("contact.created")[0]["email"] == "grace@example.com"
    assert of("contact.updated")[0]["changed"] == ["phone"]
    assert of("contact.deleted") == expected


def of_meetings(world: World) -> None:
    meeting = world.book()
    before = meeting.starts_at
    later = before + timedelta(days=1)
    services.update_appointment(appointment=meeting, starts=later, ends=later + timedelta(hours=1))
    services.update_appointment(appointment=meeting, title="Another talk")
    for status in ("cancelled", "no_show", "completed"):
        services.update_appointment(appointment=meeting, status=status)
    services.update_appointment(appointment=meeting, status="scheduled")
    services.delete_appointment(appointment=meeting)
    assert of("appointment.booked")[0]["status"] == "scheduled"
    assert of("appointment.moved")[0]["previousStartsAt"] == before.isoformat()
    assert [
        len(of(f"appointment.{status}")) for status in ("cancelled", "no_show", "completed")
    ] == [1, 1, 1]
    # Another title, and standing again.
    assert len(of("appointment.updated")) == 2
    assert len(of("appointment.deleted")) == 1


def of_calls(world: World) -> None:
    call = rooms.call_in(world, rooms.NINE)
    rooms.deliver(rooms.event("room_started", call, rooms.NINE))
    assert of("call.not_held")[0]["id"] == str(call.pk)
    began, ended = rooms.NINE + timedelta(minutes=1), rooms.NINE + timedelta(minutes=31)
    rooms.deliver(rooms.joined(call, "ada", "PA_1", began))
    rooms.deliver(rooms.left(call, "ada", "PA_1", began, ended))
    rooms.deliver(rooms.finished(call, ended))
    assert [row["status"] for row in of("call.started")] == ["ONGOING"]
    assert [row["durationSeconds"] for row in of("call.completed")] == [1800]


def of_fathom(world: World) -> None:
    began = timezone.now() - timedelta(days=1)
    meeting: dict[str, Any] = {
        "organization_id": world.organization.pk,
        "source": Call.Source.FATHOM,
        "external_id": "a-meeting",
        "rep_id": world.rep.pk,
        "status": Call.Status.COMPLETED,
        "started_at": began,
        "ended_at": began + timedelta(minutes=30),
        "transcript": [{"speaker": "Ada", "at": 0, "text": "What was said"}],
    }
    call, _outcome = library.store_call(**meeting)
    library.store_call(**meeting)
    library.store_call(**{**meeting, "summary": "A summary"})
    assert [row["id"] for row in of("call.completed")] == [str(call.pk)]
    assert [row["callId"] for row in of("transcript.ready")] == [str(call.pk)]
    library.store_call(
        **{**meeting, "transcript": [{"speaker": "Ada", "at": 0, "text": "Corrected"}]}
    )
    assert len(of("transcript.ready")) == 2


@pytest.mark.parametrize("cause", [of_leads, of_contacts, of_meetings, of_fathom])
def test_what_is_changed_is_told(
    cause: Callable[[World], None], world: World, listener: Integration
) -> None:
    cause(world)
    check_shapes(listener)


def test_the_life_of_a_call_is_told(world: World, listener: Integration, livekit: None) -> None:
    of_calls(world)
    check_shapes(listener)


def test_a_recording_is_told(world: World, listener: Integration, vendors: Any) -> None:
    recording = recorded.available(vendors, world)
    assert [row["id"] for row in of("recording.available")] == [str(recording.pk)]
    check_shapes(listener)


def test_what_was_said_in_a_call_is_told(
    world: World, listener: Integration, endpoint: Any
) -> None:
    recording = transcribed.recorded(world)
    assert transcribed.write(recording).state == "succeeded"
    assert [(row["callId"], row["source"]) for row in of("transcript.ready")] == [
        (str(recording.call_id), "native")
    ]
    check_shapes(listener)


def test_an_integration_that_works_and_fails_is_told_once_each(
    world: World, listener, toybox
) -> None:
    boss = people.client_of(world.users["CEO"])
    made = boss.post(cast.API, given(toybox)).json()["integration"]
    toys = Integration.objects.get(pk=made["id"])
    integrations.check(toys, by="a test")
    integrations.check(toys, by="a test")
    assert [row["name"] for row in of("integration.connected")] == ["Our toys"]
    boss.patch(
        f"{cast.API}/{toys.pk}",
        {"configuration": {"apiKey": "wrong-key-of-no-value"}, "insist": True},
    )
    assert ["key" in row["cause"] for row in of("integration.failed")] == [True]
    # Its own troubles are an incident: nobody can be told of them at the address
    # that does not answer.
    integrations.check(listener, by="a test")
    assert len(of("integration.failed")) == 1
    check_shapes(listener)


def test_every_event_of_the_catalogue_is_caused_in_this_file() -> None:
    text = Path(__file__).read_text()
    statuses = {"appointment.cancelled", "appointment.no_show", "appointment.completed"}
    for name in NAMES_OF_EVENTS:
        assert f'of("{name}")' in text or name in statuses, name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_its_example_is_in_its_schema(kind) -> None:
    Draft202012Validator.check_schema(kind.schema)
    Draft202012Validator(kind.schema, format_checker=FormatChecker()).validate(kind.sample)


def test_what_is_taken_back_is_not_told(world: World, listener: Integration) -> None:
    for cause in (of_leads, of_contacts, of_meetings, of_fathom):
        with transaction.atomic():
            cause(world)
            assert Event.objects.exists()
            transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


def test_another_organization_is_not_told(world: World, listener: Integration) -> None:
    other = people.organization("Contoso", tier="PRO_PLUS")
    services.create_lead(organization=other, name="Ada", email="ada@example.com")
    assert not Event.objects.exists()
    assert emit(other.pk, "lead.created", {"id": "1"}) == 0
