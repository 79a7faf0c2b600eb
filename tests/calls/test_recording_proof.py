"""A 404 is the proof of a deletion only from where the recording was put,
and after we deleted it.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls import recordings
from calls.models import Recording, RemovedRecording
from core.models import AuditEvent, Incident
from crm import services
from sandbox.vendors import s3
from tests.calls.recorded import available, objects, open_incidents
from tests.calls.storages import storage
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db
NOT_DELETED = ["calls.recordings_not_deleted"]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def old(vendors: Sandbox, world: World) -> Recording:
    """Past its time."""
    recording = available(vendors, world)
    long_ago = timezone.now() - timedelta(days=91)
    Recording.objects.update(ended_at=long_ago, checked_at=long_ago)
    recording.refresh_from_db()
    return recording


def assert_nothing_is_proved(recording: Recording) -> None:
    recording.refresh_from_db()
    assert (recording.state, recording.deleted_at, recording.deletion_proof) == (
        "available",
        None,
        {},
    )
    assert not AuditEvent.objects.filter(action="recording.deleted").exists()
    assert open_incidents() == NOT_DELETED


def test_a_bucket_that_the_storage_does_not_know_proves_nothing(
    vendors: Sandbox, old: Recording
) -> None:
    Recording.objects.update(bucket="a-bucket-of-last-year")

    assert recordings.expire() == 0

    assert_nothing_is_proved(old)
    assert "does not know the bucket" in Incident.objects.get(closed_at=None).facts["says"]
    assert [request["method"] for request in vendors.journal("s3")[-1:]] == ["HEAD"]


def test_other_buckets_are_not_kept_waiting_by_one_that_is_not_there(
    vendors: Sandbox, old: Recording
) -> None:
    lost = [available(vendors, World(prefix=f"{number}-")) for number in range(2)]
    long_ago = timezone.now() - timedelta(days=200)
    theirs = Recording.objects.filter(pk__in=[recording.pk for recording in lost])
    theirs.update(bucket="gone", ended_at=long_ago, checked_at=long_ago)
    vendors.forget()

    assert recordings.expire() == 1

    assert old.key not in objects(vendors)
    asked = [request["path"].rstrip("/") for request in vendors.journal("s3")]
    # Once for each bucket, then the one object.
    assert len([path for path in asked if path.endswith("/gone")]) == 1
    assert len(asked) == 5


def test_a_storage_at_another_address_proves_nothing(
    vendors: Sandbox, old: Recording, settings: Any
) -> None:
    before = settings.RECORDINGS_S3_ENDPOINT
    with storage(settings, s3.BUCKET) as another:
        another.gone.add(old.key)
        assert recordings.expire() == 0

        assert_nothing_is_proved(old)
        assert another.deleted() == []
        old.refresh_from_db()
        assert "it was put at another one" in old.deletion_error
    settings.RECORDINGS_S3_ENDPOINT = before
    assert recordings.expire(timezone.now() + timedelta(days=1)) == 1
    assert old.key not in objects(vendors)
    assert open_incidents() == []


def test_a_storage_that_moved_with_its_objects_is_believed_about_what_it_shows(
    old: Recording, settings: Any
) -> None:
    put_at = old.endpoint
    with storage(settings, s3.BUCKET) as another:
        assert recordings.expire() == 1

        assert another.deleted() == [old.key]
        old.refresh_from_db()
        assert old.deletion_proof["what"] == {
            "endpoint": another.address,
            "bucket": s3.BUCKET,
            "key": old.key,
            "put_at": put_at,
        }


def test_what_another_has_deleted_before_us_is_deleted_all_the_same_and_the_proof_says_so(
    vendors: Sandbox, old: Recording
) -> None:
    vendors.act("s3", "forget", bucket=s3.BUCKET, key=old.key)

    assert recordings.expire() == 1

    old.refresh_from_db()
    assert (old.state, old.deletion_proof["found"]) == ("expired", "absent")
    answers = [(answer["request"], answer["status"]) for answer in old.deletion_proof["answers"]]
    assert answers == [("HEAD", 404), ("DELETE", 204), ("HEAD", 404)]
    assert AuditEvent.objects.get(action="recording.deleted").facts["found"] == "absent"


def test_of_a_removed_recording_the_same_holds(
    vendors: Sandbox, world: World, old: Recording, settings: Any
) -> None:
    services.delete_organization(organization=world.organization)
    left = RemovedRecording.objects.get()
    assert left.endpoint == vendors.url("s3")
    with storage(settings, s3.BUCKET) as another:
        another.gone.add(left.key)
        assert recordings.delete_removed() == 0

    left.refresh_from_db()
    assert (left.deleted_at, left.deletion_proof) == (None, {})
    assert open_incidents() == NOT_DELETED


def test_a_recording_keeps_the_address_of_the_storage_it_was_put_at(
    vendors: Sandbox, old: Recording
) -> None:
    assert (old.endpoint, old.bucket) == (vendors.url("s3"), s3.BUCKET)
