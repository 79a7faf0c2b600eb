"""When an organization is deleted, the objects of its recordings go too,
and what goes is proved to be gone.
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from calls import recordings
from calls.livekit import server
from calls.models import Recording, RemovedRecording
from core.models import AuditEvent
from crm import services
from sandbox.vendors import s3
from tests.calls.recorded import advance, available, call_with_somebody, objects, open_incidents
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def remove(world: World) -> Any:
    gone = world.organization.pk
    services.delete_organization(organization=world.organization)
    assert not Recording.objects.exists()
    return gone


def test_its_recordings_are_deleted_without_waiting_for_their_time(
    vendors: Sandbox, world: World
) -> None:
    recording = available(vendors, world)
    other = available(vendors, World("Other", prefix="other-"))
    organization = world.organization.pk
    services.delete_organization(organization=world.organization)

    left = RemovedRecording.objects.get()
    assert (left.organization_id, left.call_id, left.key, left.bucket) == (
        organization,
        recording.call_id,
        recording.key,
        s3.BUCKET,
    )
    assert recordings.delete_removed() == 1
    assert list(objects(vendors)) == [other.key]
    left.refresh_from_db()
    assert [answer["status"] for answer in left.deletion_proof["answers"]] == [200, 204, 404]
    event = AuditEvent.objects.get(action="recording.deleted")
    assert (event.actor_name, event.organization_id) == ("removal", organization)
    assert recordings.delete_removed() == 0


def test_one_that_is_being_made_is_ended_first(vendors: Sandbox, world: World) -> None:
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    advance(vendors, 30)
    remove(world)
    assert recordings.delete_removed() == 0  # its start may be under way just now
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert recordings.delete_removed() == 0
    [recorder] = server().list_egress(room_name=call.room_name)
    assert recorder.status == "EGRESS_ENDING"
    advance(vendors, 30)
    assert len(objects(vendors)) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=12), tick=True):
        assert recordings.delete_removed() == 1
    assert objects(vendors) == {}


def test_a_storage_that_is_away_keeps_it_on_the_list(vendors: Sandbox, world: World) -> None:
    available(vendors, world)
    remove(world)
    vendors.fault("s3", "error", status=503)
    assert recordings.delete_removed() == 0
    assert open_incidents() == ["calls.recordings_not_deleted"]
    vendors.heal("s3")
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert recordings.delete_removed() == 1
    assert open_incidents() == []


def test_nothing_is_left_of_one_that_is_gone_already_or_never_began(
    vendors: Sandbox, world: World
) -> None:
    recording = available(vendors, world)
    Recording.objects.update(ended_at=timezone.now() - timedelta(days=91), checked_at=None)
    assert recordings.expire() == 1
    assert recording.key not in objects(vendors)
    remove(world)
    assert not RemovedRecording.objects.exists()
