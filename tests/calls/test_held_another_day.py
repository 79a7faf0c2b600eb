"""A meeting that failed, was moved and is held on another day:
one call, its second sitting as good as the first.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from calls import reconcile, recordings
from calls.models import Call, Recording
from calls.services import join
from calls.tasks import start_recording
from crm import services
from crm.models import Appointment
from tests.calls.recorded import START, asked, made
from tests.calls.rooms import call_in, deliver, finished, joined, left, livekit  # noqa: F401
from tests.calls.test_reconcile import Server, server  # noqa: F401
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db
DEVICE = "a-laptop-in-the-office"


@pytest.fixture
def world() -> World:
    return World()


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def attempted(world: World, on_commit: Any) -> Call:
    """Three days ago somebody waited for five minutes; then the meeting was moved to today."""
    earlier = now() - timedelta(days=3)
    call = call_in(world, earlier)
    deliver(joined(call, "ada", "PA_1", earlier))
    deliver(left(call, "ada", "PA_1", earlier, earlier + timedelta(minutes=5)))
    deliver(finished(call, earlier + timedelta(minutes=5)))
    with on_commit(execute=True):
        appointment = Appointment.objects.get(pk=call.appointment_id)
        services.move_appointment(appointment=appointment, starts=now() - timedelta(minutes=5))
    call.refresh_from_db()
    assert (call.status, call.duration_seconds) == ("COMPLETED", 300)
    return call


def test_with_every_webhook_lost_the_second_sitting_begins_and_ends(
    world: World,
    livekit: None,  # noqa: F811
    server: Server,  # noqa: F811
    django_capture_on_commit_callbacks: Any,
) -> None:
    call = attempted(world, django_capture_on_commit_callbacks)
    since, began = now() - timedelta(minutes=4), call.started_at
    server.open(call, "ada:PA_9", "bob:PA_10", sid="RM_two", since=since)

    assert reconcile.sweep(now()) == 1
    call.refresh_from_db()
    assert (call.status, call.started_at, call.ended_at) == ("ONGOING", began, None)
    assert recordings.wanted(Call.objects.select_related("organization__settings").get(pk=call.pk))

    seen = now() + timedelta(minutes=1)
    reconcile.sweep(seen)
    server.close(call)
    reconcile.sweep(now() + timedelta(minutes=2))
    call.refresh_from_db()
    # From the first time to the last, and as long as they talked:
    # the days between are no part of it.
    assert (call.status, call.started_at) == ("COMPLETED", began)
    assert call.ended_at is not None
    assert abs(call.ended_at - seen) < timedelta(seconds=5)
    assert abs((call.duration_seconds or 0) - 300 - 300) < 5


def test_past_its_new_time_nobody_asks_any_more(
    world: World,
    livekit: None,  # noqa: F811
    django_capture_on_commit_callbacks: Any,
) -> None:
    call = attempted(world, django_capture_on_commit_callbacks)

    assert reconcile.candidates(now()).filter(pk=call.pk).exists()
    assert not reconcile.candidates(now() + timedelta(hours=3)).filter(pk=call.pk).exists()


def test_who_comes_in_again_is_recorded_without_a_webhook(
    vendors: Sandbox, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    call = call_in(world)
    began = now() - timedelta(days=3)
    Call.objects.update(status="COMPLETED", started_at=began, ended_at=began + timedelta(minutes=5))
    with django_capture_on_commit_callbacks() as asked_for:
        join(call.appointment_id, world.users["CLOSER"], device=DEVICE)
    assert asked_for
    vendors.act("livekit", "join", room=call.room_name, identity="ann")

    start_recording.apply(args=[str(call.pk)])

    call.refresh_from_db()
    assert call.status == "ONGOING"
    assert len(asked(vendors, START)) == 1
    assert Recording.objects.get().state == "starting"


def test_while_nobody_is_in_again_it_stays_over_and_is_asked_about_soon(
    world: World,
    livekit: None,  # noqa: F811
    server: Server,  # noqa: F811
    django_capture_on_commit_callbacks: Any,
) -> None:
    call = attempted(world, django_capture_on_commit_callbacks)

    assert not reconcile.goes_on(call.pk)
    call.refresh_from_db()
    assert call.status == "COMPLETED"
    server.fails = 1
    assert not reconcile.goes_on(call.pk)
    server.open(call, "ada:PA_9", sid="RM_two", since=now())
    assert reconcile.goes_on(call.pk)


def test_what_failed_at_the_first_sitting_hinders_no_recording_of_the_second(
    vendors: Sandbox, world: World
) -> None:
    call = call_in(world)
    for number in range(3):
        made(call, state="failed", reason="no_storage", egress_id=f"EG_{number}")
    long_ago = timezone.now() - timedelta(days=3)
    Recording.objects.update(created_at=long_ago, updated_at=long_ago)
    vendors.act("livekit", "join", room=call.room_name, identity="ann")

    assert recordings.begin(call.pk)

    assert len(asked(vendors, START)) == 1
    assert recordings.shown(call.recordings.all()) == Recording.objects.get(state="starting")


def test_calls_that_may_go_on_are_found_by_their_own_indexes(world: World) -> None:
    long_ago = now() - timedelta(days=90)
    Call.objects.bulk_create(
        Call(
            organization=world.organization,
            source="native",
            status="COMPLETED",
            room_name=f"room {number}",
            scheduled_end=long_ago - timedelta(hours=number),
        )
        for number in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calls_call")
        sql, parameters = reconcile.candidates(now()).values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "call_not_over" in plan
    assert "call_may_go_on" in plan
