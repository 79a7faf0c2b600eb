"""LiveKit asked for the truth: without a single webhook every call comes to its right end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
import responses

from calls import reconcile
from calls.models import Call, CallParticipant
from core.models import ApiCall, AuditEvent, Incident
from crm import services
from crm.models import SalesRep
from tests.calls.livekit_server import Server, at
from tests.calls.rooms import NINE, call_in, deliver, event, finished, joined, left, livekit  # noqa: F401
from tests.support.people import staff
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]


@pytest.fixture
def server() -> Iterator[Server]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Server(wire)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def call(world: World) -> Call:
    return call_in(world, NINE)


def state(call: Call) -> tuple[Any, ...]:
    call.refresh_from_db()
    return (call.status, call.started_at, call.ended_at, call.duration_seconds)


def test_without_any_webhook_a_call_begins_and_ends(
    call: Call, server: Server, world: World
) -> None:
    reconcile.sweep(at(0))
    assert state(call) == ("PENDING", None, None, None)

    server.open(call, "ada:PA_1", "EG_1:PA_r")
    reconcile.sweep(at(1))
    assert state(call) == ("ONGOING", NINE, None, None)
    server.open(call, "ada:PA_1", "grace:PA_2", "EG_1:PA_r")
    reconcile.sweep(at(2))
    server.open(call, "ada:PA_1")
    reconcile.sweep(at(3))
    server.close(call)
    reconcile.sweep(at(4))

    # What is proven: they were last seen a minute before.
    assert state(call) == ("COMPLETED", NINE, at(3), 180)
    stays = CallParticipant.objects.filter(call=call).order_by("sid")
    assert [
        (stay.sid, stay.kind, stay.left_at, stay.left_by, stay.total_seconds) for stay in stays
    ] == [
        ("PA_1", "person", at(3), "room", 180),
        ("PA_2", "person", at(2), "missed", 120),
        ("PA_r", "recorder", at(2), "missed", 120),
    ]
    assert SalesRep.objects.get(pk=world.rep.pk).last_call_at == NINE
    assert Call.objects.get().checked_at == at(4)


def test_what_a_webhook_told_is_better_than_what_was_seen(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1")
    reconcile.sweep(at(1))
    server.close(call)
    reconcile.sweep(at(2))
    assert state(call)[2] == at(1)

    deliver(left(call, "ada", "PA_1", NINE, at(1.5)))
    deliver(finished(call, at(1.8)))

    assert state(call) == ("COMPLETED", NINE, at(1.5), 90)


def test_a_late_webhook_of_a_session_that_was_missed_does_not_open_the_call_again(
    call: Call, server: Server
) -> None:
    server.open(call, "ada:PA_1")
    reconcile.sweep(at(1))
    server.close(call)
    reconcile.sweep(at(2))

    deliver(joined(call, "grace", "PA_2", at(1.2)))

    assert state(call)[0] == "COMPLETED"
    assert state(call)[2] == at(1.2)


def test_an_answer_that_missed_a_room_is_made_good_by_the_next(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1")
    reconcile.sweep(at(1))
    server.close(call)
    reconcile.sweep(at(2))
    assert state(call)[0] == "COMPLETED"

    server.open(call, "ada:PA_1")
    reconcile.sweep(at(3))

    assert state(call) == ("ONGOING", NINE, None, None)


def test_a_room_that_opened_anew_without_a_webhook_is_found(call: Call, server: Server) -> None:
    deliver(joined(call, "ada", "PA_1", at(0)))
    deliver(left(call, "ada", "PA_1", at(0), at(5)))
    deliver(finished(call, at(5)))

    server.open(call, "ada:PA_2", sid="RM_two", since=at(20))
    reconcile.sweep(at(21))
    assert state(call) == ("ONGOING", at(0), None, None)
    server.close(call)
    reconcile.sweep(at(22))

    assert state(call) == ("COMPLETED", at(0), at(21), 300 + 60)


def test_a_session_that_was_replaced_is_over(call: Call, server: Server) -> None:
    deliver(joined(call, "ada", "PA_1", at(0)))
    server.open(call, "ada:PA_2", sid="RM_two", since=at(8))
    reconcile.sweep(at(9))

    first = call.sessions.get(sid="RM_one")
    assert (first.closed_at, first.close_told) == (at(0), False)
    assert state(call)[0] == "ONGOING"
    assert Call.objects.get().room_sid == "RM_two"


def test_what_was_told_just_before_livekit_was_asked_is_not_missed(
    call: Call, server: Server
) -> None:
    deliver(joined(call, "ada", "PA_1", at(1)))

    reconcile.sweep(at(1) + timedelta(seconds=3))
    assert state(call)[0] == "ONGOING"
    reconcile.sweep(at(2))

    assert state(call)[0] == "COMPLETED"


def test_a_call_that_nobody_came_to_is_over_when_its_door_shuts(call: Call, server: Server) -> None:
    server.open(call)
    reconcile.sweep(at(119))
    assert state(call) == ("PENDING", None, None, None)
    assert call.room_name in server.rooms

    reconcile.sweep(at(121))

    assert state(call) == ("COMPLETED", None, None, None)
    # An empty room past its time is closed.
    assert server.asked.count("DeleteRoom") == 1


def test_people_who_talk_past_the_end_are_not_put_out(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1")
    reconcile.sweep(at(100))
    reconcile.sweep(at(180))

    assert state(call)[0] == "ONGOING"
    assert "DeleteRoom" not in server.asked


def test_a_cancelled_meeting_that_nobody_came_to_is_over(call: Call, server: Server) -> None:
    services.cancel_appointment(appointment=call.appointment)

    reconcile.sweep(at(1))

    assert state(call) == ("COMPLETED", None, None, None)


def test_who_is_still_connecting_is_not_in(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1")
    server.rooms[call.room_name][1][0]["state"] = "JOINING"

    reconcile.sweep(at(1))

    assert state(call) == ("PENDING", None, None, None)


def test_livekit_is_not_asked_about_what_is_long_over(world: World, server: Server) -> None:
    over = call_in(world, at(0) - timedelta(days=2))
    Call.objects.filter(pk=over.pk).update(status="COMPLETED")

    assert reconcile.sweep(at(0)) == 0
    assert server.asked == []


def test_a_call_that_people_are_in_days_early_is_known_without_a_webhook(
    world: World, server: Server
) -> None:
    ahead = call_in(world, at(0) + timedelta(days=2))
    server.open(ahead, "ada:PA_1")

    assert reconcile.sweep(at(1)) == 1
    assert Call.objects.get(pk=ahead.pk).status == "ONGOING"


def test_two_sweeps_at_once_ask_once(call: Call, server: Server) -> None:
    assert reconcile.sweep(at(1)) == 1
    assert reconcile.sweep(at(1) + timedelta(seconds=10)) == 0
    assert reconcile.sweep(at(2)) == 1


def test_many_calls_cost_one_question_for_a_hundred_rooms(world: World, server: Server) -> None:
    calls = [call_in(world, NINE) for _ in range(5)]
    for number, call in enumerate(calls[:2]):
        server.open(call, f"ada:PA_{number}", sid=f"RM_{number}")

    reconcile.sweep(at(1))

    assert server.asked == ["ListRooms", "ListParticipants", "ListParticipants"]
    assert Call.objects.filter(status="ONGOING").count() == 2


def test_a_wrong_address_is_no_closed_room(call: Call, server: Server) -> None:
    """LiveKit's 404 for a wrong path must not end the calls."""
    server.open(call, "ada:PA_1")
    reconcile.sweep(at(1))

    for minute in (2, 3):
        server.fails = 1
        reconcile.sweep(at(minute))
    assert state(call)[0] == "ONGOING"
    assert Incident.objects.get(cause="calls.livekit").closed_at is None

    reconcile.sweep(at(4))
    assert Incident.objects.get(cause="calls.livekit").closed_at is not None


def test_what_goes_wrong_with_one_call_keeps_no_other_from_its_turn(
    world: World, server: Server
) -> None:
    calls = sorted((call_in(world, NINE) for _ in range(3)), key=lambda call: call.pk)
    for number, call in enumerate(calls):
        server.open(call, f"ada:PA_{number}", sid=f"RM_{number}")
    server.refused = calls[0].room_name

    reconcile.sweep(at(1))

    assert [state(call)[0] for call in calls] == ["PENDING", "ONGOING", "ONGOING"]


def test_without_livekit_nobody_is_asked(call: Call, server: Server, settings: Any) -> None:
    settings.LIVEKIT_API_KEY = ""

    assert reconcile.sweep(at(1)) == 0
    assert server.asked == []


def test_each_question_has_a_token_that_can_do_no_more(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        seen = Server(wire)
        seen.rooms = server.rooms
        reconcile.sweep(at(1))
        tokens = [
            question.request.headers["Authorization"].removeprefix("Bearer ")
            for question in wire.calls
        ]
    grants = [jwt.decode(token, options={"verify_signature": False})["video"] for token in tokens]

    denied = {"canPublish": False, "canSubscribe": False, "canPublishData": False}
    assert grants[:2] == [
        {**denied, "roomList": True},
        {**denied, "roomAdmin": True, "room": call.room_name},
    ]
    logged = " ".join(str(vars(row)) for row in ApiCall.objects.all())
    assert logged
    assert not [token for token in tokens if token in logged]


# --- By hand --------------------------------------------------------------------------------------
def test_a_call_checked_by_hand_is_brought_right_and_audited(call: Call, server: Server) -> None:
    server.open(call, "ada:PA_1", "EG_1:PA_r")
    helper = staff()

    says = reconcile.check_call(call, actor=helper)

    assert says == "LiveKit has the room open, with 1 people in it."
    assert state(call)[0] == "ONGOING"
    audited = AuditEvent.objects.get(action="call.checked")
    assert (audited.actor_id, audited.target_id, audited.facts["people"]) == (
        helper.pk,
        str(call.pk),
        1,
    )
    server.close(call)
    Call.objects.filter(pk=call.pk).update(checked_at=None)
    assert "no open room" in reconcile.check_call(call, actor=helper)


def test_a_check_that_finds_nobody_to_ask_changes_nothing(
    call: Call, server: Server, settings: Any
) -> None:
    server.fails = 1
    assert "LiveKit" in reconcile.check_call(call, actor=staff())
    settings.LIVEKIT_API_URL = ""
    assert "not set up" in reconcile.check_call(call, actor=staff(username="helper"))

    assert state(call) == ("PENDING", None, None, None)
    assert not AuditEvent.objects.filter(action="call.checked").exists()


def test_a_started_room_without_people_stays_waiting(call: Call, server: Server) -> None:
    deliver(event("room_started", call, at(0)))
    Call.objects.filter(pk=call.pk).update(status="PENDING")
    server.open(call)

    reconcile.sweep(at(1))

    assert state(call) == ("PENDING", None, None, None)
