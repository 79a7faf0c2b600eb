"""An object that the storage does not delete keeps no other from being deleted,
and is told until it is gone.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from calls import recordings
from calls.models import Recording, RemovedRecording
from core.models import Incident
from crm import services
from sandbox.vendors import s3
from tests.calls.recorded import available, call_with_somebody, open_incidents
from tests.calls.storages import Storage, storage
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db
NOT_DELETED = ["calls.recordings_not_deleted"]


@pytest.fixture
def three(vendors: Sandbox) -> list[Recording]:
    """Past their time, the oldest first."""
    made = [available(vendors, World(prefix=f"{number}-")) for number in range(3)]
    for age, recording in zip((200, 150, 120), made, strict=True):
        ended = timezone.now() - timedelta(days=age)
        Recording.objects.filter(pk=recording.pk).update(ended_at=ended, checked_at=ended)
    return made


@pytest.fixture
def holding(three: list[Recording], settings: Any) -> Iterator[Storage]:
    """A storage that keeps the oldest, under a legal hold."""
    with storage(settings, s3.BUCKET) as at:
        at.held.add(three[0].key)
        yield at


def tomorrow(days: int = 1) -> Any:
    return timezone.now() + timedelta(days=days)


def test_one_that_is_held_keeps_no_other_from_its_turn(
    three: list[Recording], holding: Storage
) -> None:
    assert recordings.expire() == 2

    for recording in three:
        recording.refresh_from_db()
    assert [recording.state for recording in three] == ["available", "expired", "expired"]
    assert (three[0].deleted_at, three[0].deletion_proof) == (None, {})


def test_it_stays_told_with_its_reason_until_it_is_gone(
    three: list[Recording], holding: Storage
) -> None:
    recordings.expire()
    incident = Incident.objects.get(closed_at=None)
    assert (incident.cause, incident.affected) == (NOT_DELETED[0], [str(three[0].pk)])
    assert "403" in incident.facts["says"]
    three[0].refresh_from_db()
    assert "403" in three[0].deletion_error

    assert recordings.expire() == 0  # nothing to be said while it is left alone
    assert recordings.delete_removed() == 0
    assert open_incidents() == NOT_DELETED
    assert recordings.expire(tomorrow()) == 0
    assert open_incidents() == NOT_DELETED

    holding.held.clear()
    assert recordings.expire(tomorrow(2)) == 1
    assert open_incidents() == []
    three[0].refresh_from_db()
    assert (three[0].state, three[0].deletion_error) == ("expired", "")


def test_what_was_refused_is_tried_again_after_what_was_not_tried_yet(
    three: list[Recording], holding: Storage, monkeypatch: Any
) -> None:
    monkeypatch.setattr("calls.recordings.retention.AT_ONCE", 1)

    assert [recordings.expire() for _ in range(3)] == [0, 1, 1]
    assert holding.deleted() == [recording.key for recording in three]
    assert recordings.expire(tomorrow()) == 0
    assert holding.deleted()[3:] == [three[0].key]


@pytest.mark.usefixtures("three")
def test_a_storage_that_is_away_is_asked_for_one(holding: Storage) -> None:
    holding.away = True

    assert recordings.expire() == 0

    assert {key for _method, key in holding.asked} <= {
        "",
        Recording.objects.earliest("ended_at").key,
    }
    assert open_incidents() == NOT_DELETED


def test_of_removed_recordings_too(three: list[Recording], holding: Storage) -> None:
    for recording in three:
        services.delete_organization(organization=recording.call.organization)

    assert recordings.delete_removed() == 2

    left = RemovedRecording.objects.get(deleted_at=None)
    assert left.key == three[0].key
    assert "403" in left.deletion_error
    assert open_incidents() == NOT_DELETED
    holding.held.clear()
    with time_machine.travel(tomorrow(), tick=True):
        assert recordings.delete_removed() == 1
    assert open_incidents() == []


def test_what_was_never_put_anywhere_is_none_to_delete(vendors: Sandbox, settings: Any) -> None:
    bucket, settings.RECORDINGS_S3_BUCKET = settings.RECORDINGS_S3_BUCKET, ""
    call = call_with_somebody(vendors, World())
    recordings.begin(call.pk)
    assert Recording.objects.get().reason == "no_storage"
    Recording.objects.update(created_at=timezone.now() - timedelta(days=91))
    for settings.RECORDINGS_S3_BUCKET in ("", bucket):
        vendors.forget()
        assert recordings.expire() == 0
        assert vendors.journal("s3") == []
    assert NOT_DELETED[0] not in open_incidents()
    services.delete_organization(organization=call.organization)
    assert not RemovedRecording.objects.exists()


@pytest.mark.usefixtures("three")
def test_while_no_storage_is_set_what_waits_is_told(settings: Any) -> None:
    settings.RECORDINGS_S3_BUCKET = settings.RECORDINGS_S3_ACCESS_KEY = ""

    assert recordings.expire() == 0

    assert open_incidents() == NOT_DELETED
    assert Recording.objects.filter(deleted_at=None).count() == 3
