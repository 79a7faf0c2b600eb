"""A call and its guests' links are as their meeting is, whoever moves it meanwhile,
and whoever dies on the way.
"""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from calls import reconcile
from calls import services as calls
from calls.models import Call, CallParticipant, GuestInvitation
from calls.services import entering, following
from crm import services
from crm.models import Appointment
from tests.calls.rooms import call_in, livekit, meeting  # noqa: F401
from tests.calls.test_reconcile import Server, server  # noqa: F401
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]
DEVICE = "a-laptop-in-the-office"


@pytest.fixture
def world() -> World:
    return World()


def in_two_days() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)


def moved(appointment: Appointment, starts: datetime) -> datetime:
    """By a process that dies before it can tell anybody: what runs after the commit does not
    run in these tests.
    """
    services.move_appointment(appointment=Appointment.objects.get(pk=appointment.pk), starts=starts)
    return starts


def planned(call: Call) -> tuple[datetime | None, datetime | None]:
    call.refresh_from_db()
    return call.scheduled_start, call.scheduled_end


def test_a_link_runs_out_with_the_meeting_though_nobody_told_of_the_move(world: World) -> None:
    appointment = meeting(world)
    invitation, token = calls.invite_guest(appointment, actor=world.users["CEO"])
    starts = moved(appointment, in_two_days())

    invitation = GuestInvitation.objects.get(pk=invitation.pk)
    assert invitation.expires_at == starts + timedelta(hours=2)
    with time_machine.travel(starts + timedelta(minutes=1)):
        calls.join_as_guest(token, display_name="Lea", consent=True)
    with (
        time_machine.travel(starts + timedelta(hours=2, minutes=1)),
        pytest.raises(calls.InvitationGone),
    ):
        calls.read_guest_invitation(token)


def test_who_is_invited_beside_a_move_comes_in_at_the_new_time(world: World) -> None:
    appointment = meeting(world)
    read_before = calls.meeting_of(world.users["CLOSER"], appointment.pk)
    starts = moved(appointment, in_two_days())

    _invitation, token = calls.invite_guest(read_before, actor=world.users["CLOSER"])

    with time_machine.travel(starts + timedelta(minutes=1)):
        calls.join_as_guest(token, display_name="Lea", consent=True)


def test_nobody_is_invited_into_what_was_cancelled_a_moment_ago(world: World) -> None:
    appointment = meeting(world)
    read_before = calls.meeting_of(world.users["CLOSER"], appointment.pk)
    services.cancel_appointment(appointment=appointment)

    with pytest.raises(calls.NotOpen):
        calls.invite_guest(read_before, actor=world.users["CLOSER"])
    with pytest.raises(calls.NotOpen):
        entering.enter(read_before, entering.Seat("i", "Ada", "host", {}, {}))
    assert not GuestInvitation.objects.exists()
    assert not Call.objects.exists()


def test_a_join_beside_a_move_writes_no_old_times_back(world: World) -> None:
    call = call_in(world)
    read_before = calls.meeting_of(world.users["CLOSER"], call.appointment_id)  # type: ignore[arg-type]
    starts = moved(read_before, in_two_days())
    following.follow_appointment(read_before.pk)

    entering.enter(read_before, entering.Seat("i", "Ada", "host", {}, {}))

    assert planned(call) == (starts, starts + timedelta(hours=1))
    assert CallParticipant.objects.filter(call=call).count() == 1


def test_a_guest_beside_a_move_into_the_future_stays_outside(world: World) -> None:
    appointment = meeting(world)
    moved(appointment, in_two_days())

    with pytest.raises(calls.NotOpen):
        entering.enter(appointment, entering.Seat("i", "Lea", "guest", {}, {}))
    assert not Call.objects.exists()


def test_the_minutes_look_brings_calls_in_line(world: World, server: Server) -> None:  # noqa: F811
    call, other = call_in(world), call_in(world)
    over = call_in(world)
    Call.objects.filter(pk=over.pk).update(status="COMPLETED")
    theirs = planned(other)
    starts = moved(call.appointment, in_two_days())  # type: ignore[arg-type]
    moved(over.appointment, starts)  # type: ignore[arg-type]
    services.update_appointment(
        appointment=Appointment.objects.get(pk=other.appointment_id), closer=None
    )

    reconcile.sweep()

    assert planned(call) == (starts, starts + timedelta(hours=1))
    assert planned(over) == (starts, starts + timedelta(hours=1))
    assert planned(other) == theirs
    assert other.rep is None
    assert following.follow_all(datetime.now(UTC)) == 0


def test_without_livekit_calls_follow_all_the_same(world: World, settings: Any) -> None:
    call = call_in(world)
    settings.LIVEKIT_API_KEY = ""
    starts = moved(call.appointment, in_two_days())  # type: ignore[arg-type]

    assert reconcile.sweep() == 0
    assert planned(call)[0] == starts


@pytest.mark.django_db(transaction=True)
def test_who_joins_while_a_move_is_being_written_waits_for_it(livekit: None) -> None:  # noqa: F811
    world = World()
    call = call_in(world)
    starts, done = in_two_days(), threading.Event()

    def come_in() -> None:
        try:
            calls.join(call.appointment_id, world.users["CLOSER"], device=DEVICE)  # type: ignore[arg-type]
        finally:
            done.set()
            connection.close()

    joining = threading.Thread(target=come_in)
    with transaction.atomic():
        services.move_appointment(
            appointment=Appointment.objects.get(pk=call.appointment_id), starts=starts
        )
        joining.start()
        assert not done.wait(1)
    joining.join()

    assert planned(call) == (starts, starts + timedelta(hours=1))
