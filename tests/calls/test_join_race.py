"""Fifty at the same moment: one call, one room, one start of the recording."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import responses
from django.db import connection
from livekit.api import TokenVerifier

from calls import recordings, services
from calls.models import Call, CallParticipant, Recording
from crm.models import Appointment, SalesRep
from tests.calls.rooms import BASE, KEY, SECRET, livekit, meeting  # noqa: F401
from tests.support.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("livekit")]
MANY = 50
ROLES = ("CEO", "MANAGER", "CLOSER", "SETTER", "ADMIN")


@pytest.fixture
def storage(settings: Any) -> None:
    settings.RECORDINGS_S3_BUCKET, settings.RECORDINGS_S3_ENDPOINT = (
        "recordings",
        "https://s3.example.com",
    )
    settings.RECORDINGS_S3_ACCESS_KEY, settings.RECORDINGS_S3_SECRET_KEY = (
        "made-up",
        "made-up-secret",
    )


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def at_once(act: Callable[[int], Any], many: int = MANY) -> list[Any]:
    """All of them begin in the same moment, each on a connection of its own."""
    barrier = threading.Barrier(many)

    def take_part(number: int) -> Any:
        try:
            barrier.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(take_part, range(many)))


def test_fifty_who_join_at_once_are_in_one_call_and_one_room(settings: Any) -> None:
    world = World()
    appointment = meeting(world)
    users = [world.users[ROLES[number % len(ROLES)]] for number in range(MANY)]

    joined = at_once(
        lambda number: services.join(appointment.pk, users[number], device=f"a-device-{number:020}")
    )

    call = Call.objects.get()
    assert {answer.room_name for answer in joined} == {
        f"org_{world.organization.pk}_apt_{appointment.pk}"
    }
    assert {answer.call_id for answer in joined} == {call.pk}
    verified = [TokenVerifier(KEY, SECRET).verify(answer.token) for answer in joined]
    assert [claims.video.room for claims in verified] == [call.room_name] * MANY
    assert [claims.video.can_publish_data for claims in verified] == [
        number % len(ROLES) < 3 for number in range(MANY)
    ]
    assert not any(claims.video.room_admin or claims.video.room_record for claims in verified)
    assert len({claims.identity for claims in verified}) == MANY
    assert CallParticipant.objects.filter(call=call, sid="").count() == MANY
    assert SalesRep.objects.get(pk=world.rep.pk).call_count == 1


def test_fifty_tabs_of_one_browser_have_one_seat() -> None:
    world = World()
    appointment, closer = meeting(world), world.users["CLOSER"]

    joined = at_once(
        lambda _number: services.join(appointment.pk, closer, device="one-and-the-same-browser")
    )

    assert len({TokenVerifier(KEY, SECRET).verify(answer.token).identity for answer in joined}) == 1
    assert CallParticipant.objects.count() == 1


def test_fifty_who_have_it_recorded_start_one_recorder(
    storage: None, wire: responses.RequestsMock
) -> None:
    world = World()
    call = _call_that_is_held(meeting(world))
    started = wire.post(
        f"{BASE}Egress/StartRoomCompositeEgress",
        json={"egress_id": "EG_one", "room_name": call.room_name, "status": "EGRESS_STARTING"},
    )
    wire.post(f"{BASE}Egress/ListEgress", json={"items": []})

    at_once(lambda _number: recordings.begin(call.pk))

    assert started.call_count == 1
    assert Recording.objects.get().egress_id == "EG_one"


def test_guests_who_agree_at_once_are_each_let_in_and_the_first_consent_stands() -> None:
    world = World()
    invitation, token = services.invite_guest(meeting(world), actor=world.users["CLOSER"])

    joined = at_once(
        lambda number: services.join_as_guest(
            token, display_name=f"Guest {number}", consent=True, device=uuid4().hex
        ),
        20,
    )

    assert (
        len({TokenVerifier(KEY, SECRET).verify(answer.token).identity for answer in joined}) == 20
    )
    invitation.refresh_from_db()
    seats = CallParticipant.objects.filter(kind="guest", consent_at__isnull=False)
    assert seats.count() == 20
    assert invitation.consent_at == min(
        seat.consent_at for seat in seats if seat.display_name == invitation.display_name
    )


def _call_that_is_held(appointment: Appointment) -> Call:
    call = services.entering.call_of(appointment)
    Call.objects.filter(pk=call.pk).update(status=Call.Status.ONGOING)
    return call
