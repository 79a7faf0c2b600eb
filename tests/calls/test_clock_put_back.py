"""A clock that was ahead and is put back: what it looked at last is not left alone until the wrong
hour comes round.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls import reconcile, recordings, turns
from calls.models import Call, Recording, RemovedRecording
from crm import services
from tests.calls.recorded import START, asked, available, call_with_somebody, made, objects
from tests.calls.rooms import call_in, livekit  # noqa: F401
from tests.calls.test_reconcile import Server, server  # noqa: F401
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def in_the_future() -> Any:
    return timezone.now() + timedelta(hours=1)


def test_a_call_is_asked_about(world: World, livekit: None, server: Server) -> None:  # noqa: F811
    call = call_in(world)
    server.open(call, "ada:PA_1", since=timezone.now() - timedelta(minutes=2))
    Call.objects.update(checked_at=in_the_future())

    assert reconcile.sweep() == 1

    call.refresh_from_db()
    assert call.status == "ONGOING"
    assert call.checked_at is not None
    assert call.checked_at <= timezone.now()


def test_a_recording_under_way_is_asked_about(vendors: Sandbox, world: World) -> None:
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    Recording.objects.update(checked_at=in_the_future())

    assert recordings.sweep() == 1


def test_a_recording_without_news_is_asked_about(vendors: Sandbox, world: World) -> None:
    made(
        call_with_somebody(vendors, world),
        state="failed",
        reason="late",
        checked_at=in_the_future(),
    )

    assert recordings.sweep() == 1


def test_a_claim_that_was_left_behind_is_taken_over(vendors: Sandbox, world: World) -> None:
    call = call_with_somebody(vendors, world)
    made(call, egress_id="", checked_at=in_the_future())

    assert recordings.begin(call.pk)

    assert len(asked(vendors, START)) == 1
    assert Recording.objects.get().egress_id.startswith("EG_")


def test_another_recorder_is_started_after_one_that_failed(vendors: Sandbox, world: World) -> None:
    call = call_with_somebody(vendors, world)
    made(call, state="failed", reason="failed")
    Recording.objects.update(updated_at=in_the_future())

    assert recordings.begin(call.pk)

    assert Recording.objects.filter(state="starting").count() == 1


def test_a_recording_past_its_time_is_deleted(vendors: Sandbox, world: World) -> None:
    available(vendors, world)
    Recording.objects.update(
        ended_at=timezone.now() - timedelta(days=91), checked_at=in_the_future()
    )

    assert recordings.expire() == 1
    assert objects(vendors) == {}


def test_the_object_of_a_removed_recording_is_deleted(vendors: Sandbox, world: World) -> None:
    available(vendors, world)
    services.delete_organization(organization=world.organization)
    RemovedRecording.objects.update(checked_at=in_the_future())

    assert recordings.delete_removed() == 1
    assert objects(vendors) == {}


def test_clocks_a_little_apart_are_no_clock_put_back(world: World) -> None:
    now = timezone.now()
    call = call_in(world)
    for ahead, due in ((-31, True), (-29, False), (0, False), (59, False), (61, True)):
        looked = now + timedelta(seconds=ahead)
        Call.objects.filter(pk=call.pk).update(checked_at=looked)
        assert Call.objects.filter(turns.due(now, timedelta(seconds=30))).exists() is due
        assert turns.is_due(looked, now, timedelta(seconds=30)) is due
