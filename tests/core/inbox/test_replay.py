"""Replay: failed deliveries are worked once more, on purpose and on record."""

import pytest

from core import inbox
from core.models import AuditEvent, InboundEvent, User
from core.queue import jobs
from tests.core.inbox.test_working import again, stored
from tests.probe.models import Effect

pytestmark = pytest.mark.django_db


def test_replay_begins_again_from_nothing_and_is_audited(django_user_model):
    actor = User.objects.create_user("ops")
    events = [stored(event_data={"do": "give_up"}) for _ in range(3)]
    for event in events:
        inbox.work(event.id)
    InboundEvent.objects.update(event_data={"number": 1}, retry_count=3)

    assert inbox.replay([event.id for event in events], actor) == 3

    waiting = again(events[0])
    assert (waiting.processing_status, waiting.retry_count, waiting.processing_error) == (
        "pending",
        0,
        "",
    )
    assert waiting.claimed_at is None
    record = AuditEvent.objects.get(action="webhook.replayed")
    assert record.actor_id == actor.pk
    assert record.facts == {"count": 3, "sources": ["probe-standard"]}
    inbox.sweep(seconds=10)
    assert Effect.objects.count() == 3


def test_what_was_processed_is_left_alone():
    event = stored()
    inbox.work(event.id)

    assert inbox.replay([event.id], "tests") == 0

    assert again(event).processing_status == "processed"
    assert not AuditEvent.objects.filter(action="webhook.replayed").exists()
    inbox.sweep(seconds=5)
    assert Effect.objects.count() == 1


def test_an_ignored_event_stays_ignored_until_its_type_is_declared():
    event = stored(
        source="probe-livekit", event_type="track_published", processing_status="ignored"
    )

    assert inbox.replay([event.id], "tests") == 1
    inbox.sweep(seconds=5)

    assert again(event).processing_status == "ignored"


def test_a_replay_hints_at_the_worker_after_commit(django_capture_on_commit_callbacks):
    event = stored(event_data={"do": "give_up"})
    inbox.work(event.id)

    with django_capture_on_commit_callbacks() as callbacks:
        inbox.replay([event.id], "tests")

    assert [callback.args for callback in callbacks if callback.func is jobs.send] == [
        ("core.work_inbox", [str(event.id)])
    ]
