"""The life of a call, told by webhooks: whatever their order and however often, the same call."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls import webhooks
from calls.models import Call, CallParticipant, Recording
from calls.services.entering import _keep_seat, _seat_of, call_of
from core.models import InboundEvent
from crm.models import SalesRep
from tests.calls.rooms import (
    NINE,
    call_in,
    deliver,
    event,
    finished,
    joined,
    left,
    livekit,  # noqa: F401
    meeting,
)
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def state(call: Call) -> tuple[Any, ...]:
    call.refresh_from_db()
    return (call.status, call.started_at, call.ended_at, call.duration_seconds)


def stays(call: Call) -> list[tuple[Any, ...]]:
    rows = CallParticipant.objects.filter(call=call).exclude(sid="").order_by("sid")
    return [
        (row.sid, row.identity, row.kind, row.joined_at, row.left_at, row.total_seconds)
        for row in rows
    ]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def call(world: World) -> Call:
    return call_in(world, NINE)


def test_a_call_begins_with_the_first_one_in_and_ends_with_the_last_one_out(
    call: Call, world: World
) -> None:
    deliver(event("room_started", call, at(0)))
    assert state(call) == (
        "COMPLETED",
        None,
        None,
        None,
    )  # the meeting is long over, and nobody was in

    deliver(joined(call, "ada", "PA_1", at(1)))
    assert state(call) == ("ONGOING", at(1), None, None)
    deliver(joined(call, "grace", "PA_2", at(2)))
    deliver(left(call, "ada", "PA_1", at(1), at(10)))
    assert state(call) == ("ONGOING", at(1), None, None)
    deliver(left(call, "grace", "PA_2", at(2), at(31)))

    assert state(call) == ("COMPLETED", at(1), at(31), 1800)
    assert stays(call) == [
        ("PA_1", "ada", "person", at(1), at(10), 540), ("PA_2", "grace", "person", at(2), at(31),
            1740),
    ]  # fmt: skip
    assert SalesRep.objects.get(pk=world.rep.pk).last_call_at == at(1)
    deliver(finished(call, at(31.5)))
    assert state(call) == ("COMPLETED", at(1), at(31), 1800)


def test_while_the_door_is_open_a_call_that_nobody_is_in_waits(world: World) -> None:
    call = call_in(world)
    deliver(event("room_started", call, timezone.now()))
    deliver(finished(call, timezone.now()))

    assert state(call) == ("PENDING", None, None, None)


def test_a_room_that_is_finished_ends_whoever_was_in_it(call: Call) -> None:
    deliver(joined(call, "ada", "PA_1", at(1)))
    deliver(joined(call, "grace", "PA_2", at(2)))
    deliver(left(call, "grace", "PA_2", at(2), at(8)))
    deliver(finished(call, at(20)))

    assert state(call) == ("COMPLETED", at(1), at(20), 19 * 60)
    assert [row[4] for row in stays(call)] == [at(20), at(8)]
    # What is told after all is better than what followed from the room.
    deliver(left(call, "ada", "PA_1", at(1), at(19)))
    assert state(call) == ("COMPLETED", at(1), at(19), 18 * 60)


def test_a_recorder_is_nobody(call: Call) -> None:
    deliver(joined(call, "EG_1", "PA_9", at(0), kind="EGRESS"))
    assert state(call) == ("COMPLETED", None, None, None)
    deliver(joined(call, "bot", "PA_8", at(0), kind="AGENT"))
    deliver(joined(call, "ada", "PA_1", at(1)))
    deliver(left(call, "ada", "PA_1", at(1), at(5)))

    assert state(call) == ("COMPLETED", at(1), at(5), 240)
    assert [(row[0], row[2]) for row in stays(call)] == [("PA_1", "person"), ("PA_9", "recorder")]


def test_who_comes_back_is_another_stay_of_the_same_person(world: World) -> None:
    appointment = meeting(world, NINE)
    call = call_of(appointment)
    closer = world.users["CLOSER"]
    seat = _seat_of(closer, "CLOSER", "host", "the-laptop-of-the-closer")
    _keep_seat(call, seat)
    # The quick rejoin: the new stay is told before the old one's end.
    deliver(joined(call, seat.identity, "PA_1", at(1)))
    deliver(joined(call, seat.identity, "PA_2", at(5)))
    deliver(left(call, seat.identity, "PA_1", at(1), at(5)))

    assert state(call) == ("ONGOING", at(1), None, None)
    rows = CallParticipant.objects.filter(call=call)
    assert {(row.user, row.member_role, row.is_host, row.sid) for row in rows} == {
        (closer, "CLOSER", True, "PA_1"), (closer, "CLOSER", True, "PA_2"),
    }  # fmt: skip


def test_a_new_session_of_the_room_opens_a_call_again_and_the_break_does_not_count(
    call: Call,
) -> None:
    deliver(joined(call, "ada", "PA_1", at(0)))
    deliver(left(call, "ada", "PA_1", at(0), at(10)))
    deliver(finished(call, at(10.5)))
    assert state(call) == ("COMPLETED", at(0), at(10), 600)

    deliver(joined(call, "ada", "PA_2", at(30), session="RM_two"))
    assert state(call) == ("ONGOING", at(0), None, None)
    deliver(left(call, "ada", "PA_2", at(30), at(35), session="RM_two"))

    assert state(call) == ("COMPLETED", at(0), at(35), 900)


def test_nothing_late_about_a_session_that_is_over_opens_the_call_again(call: Call) -> None:
    deliver(finished(call, at(10)))
    deliver(joined(call, "ada", "PA_1", at(1)))

    assert state(call) == ("COMPLETED", at(1), at(10), 540)


def test_a_recording_is_asked_for_when_the_first_one_is_in(
    call: Call, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as jobs:
        deliver(joined(call, "ada", "PA_1", at(1)))
    assert "calls.start_recording" in str(jobs)
    with django_capture_on_commit_callbacks() as jobs:
        deliver(left(call, "ada", "PA_1", at(1), at(2)))
    assert "calls.end_recording" in str(jobs)
    assert not Recording.objects.exists()


def test_rooms_that_are_no_call_of_ours_are_nobodys_business(call: Call) -> None:
    foreign = Call(room_name="org_1_apt_2")
    deliver(joined(foreign, "ada", "PA_1", at(1)))
    deliver(joined(Call(room_name=""), "ada", "PA_1", at(1)))

    assert not CallParticipant.objects.exists()
    assert InboundEvent.objects.filter(processing_status="processed").count() == 2


ODD = (
    None, 7, "x", [], {}, {"sid": 7, "identity": 8}, {"sid": "PA_1"}, {"identity": "ada"},
    {"sid": "", "identity": ""}, {"sid": "P" * 5000, "identity": "ada"},
    {"sid": "PA_1", "identity": "a" * 5000}, {"sid": "PA_1", "identity": "ada", "kind": 7,
        "joinedAt": [], "joinedAtMs": "9" * 30, "name": {}},
    {"sid": "PA_1", "identity": "ada", "kind": "SIP"}, {"sid": "PA_\x00", "identity": "a\x00da",
        "joinedAt": "-5"},
)  # fmt: skip


@pytest.mark.parametrize("participant", ODD, ids=lambda odd: str(odd)[:40])
@pytest.mark.parametrize("name", ["participant_joined", "participant_left"])
def test_odd_participants_break_nothing(call: Call, name: str, participant: Any) -> None:
    deliver(event(name, call, at(1), participant=participant))

    call.refresh_from_db()
    assert call.status in ("ONGOING", "COMPLETED")


@pytest.mark.parametrize(
    "room", [None, 7, [], {"name": 7}, {"sid": "RM_1"}, {"name": "x" * 10_000, "sid": "RM_1"}]
)
def test_odd_rooms_break_nothing(room: Any) -> None:
    deliver({"event": "room_finished", "room": room, "id": "EV_odd", "createdAt": "soon"})

    assert InboundEvent.objects.get().processing_status == "processed"


def test_a_clock_that_runs_ahead_is_not_believed(call: Call) -> None:
    deliver(joined(call, "ada", "PA_1", datetime(2190, 1, 1, tzinfo=UTC)))

    call.refresh_from_db()
    assert call.started_at is not None
    assert call.started_at <= timezone.now()


# --- The order makes no difference ----------------------------------------------------------------
def script(call: Call) -> list[dict[str, Any]]:
    """Two sessions, three people, a quick rejoin, a recorder, and somebody
    whose leaving is never told.
    """
    return [
        event("room_started", call, at(0)),
        joined(call, "ada", "PA_1", at(1)),
        joined(call, "EG_1", "PA_r", at(1), kind="EGRESS"),
        joined(call, "grace", "PA_2", at(2)),
        joined(call, "ada", "PA_3", at(6)),
        left(call, "ada", "PA_1", at(1), at(6)),
        left(call, "grace", "PA_2", at(2), at(9)),
        left(call, "ada", "PA_3", at(6), at(10)),
        left(call, "EG_1", "PA_r", at(1), at(11), kind="EGRESS"),
        finished(call, at(11)),
        event("room_started", call, at(30), "RM_two"),
        joined(call, "kay", "PA_4", at(30), "RM_two"),
        joined(call, "ada", "PA_5", at(31), "RM_two"),
        left(call, "ada", "PA_5", at(31), at(40), "RM_two"),
        finished(call, at(42), "RM_two"),
    ]


EXPECTED = ("COMPLETED", at(1), at(42), (9 + 12) * 60)


def run_through(call: Call, deliveries: list[dict[str, Any]]) -> None:
    """As they are worked when each has an id of its own; under the same id a repetition
    never gets that far.
    """
    CallParticipant.objects.filter(call=call).delete()
    call.sessions.all().delete()
    for delivery in deliveries:
        stored = InboundEvent(
            event_type=delivery["event"], event_data=delivery, received_at=timezone.now()
        )
        webhooks.handle(stored)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_in_any_order_and_told_twice_it_is_the_same_call(call: Call, data: Any) -> None:
    deliveries = script(call)
    again = data.draw(st.lists(st.sampled_from(deliveries), max_size=4))
    run_through(call, data.draw(st.permutations([*deliveries, *again])))

    assert state(call) == EXPECTED
    assert len(stays(call)) == 6
    assert [row[5] for row in stays(call)] == [300, 420, 240, 720, 540, 600]


def test_shuffled_and_repeated_deliveries_end_in_the_same_call(call: Call) -> None:
    """The same, through the door: signed, stored once, worked."""
    deliveries = script(call)
    for delivery in [*reversed(deliveries), *deliveries]:
        deliver(delivery)

    assert state(call) == EXPECTED
    assert InboundEvent.objects.count() == len(deliveries)


def test_without_what_the_rest_implies_it_is_still_the_same_call(call: Call) -> None:
    """Any one event may be lost, but for those that alone know something."""
    deliveries = script(call)
    alone = {
        number
        for number, delivery in enumerate(deliveries)
        if delivery["event"] in ("participant_left", "room_finished")
        or delivery.get("participant", {}).get("sid") == "PA_4"
    }
    for lost in set(range(len(deliveries))) - alone:
        run_through(
            call, [delivery for number, delivery in enumerate(deliveries) if number != lost]
        )
        assert state(call) == EXPECTED, deliveries[lost]
