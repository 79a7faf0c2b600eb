"""What is stored is worked to exactly one effect, or fails with a reason,
and never holds up the others.
"""

import subprocess
import sys
import threading
import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from core import inbox, tasks
from core.ids import time_of, uuid7
from core.models import InboundEvent, Incident
from tests.probe.models import Effect


def stored(**values):
    event_id = uuid7()
    now = timezone.now()
    made = {
        "id": event_id,
        "received_at": time_of(event_id),
        "source": "probe-standard",
        "delivery_id": f"msg_{event_id.hex}",
        "event_type": "meeting",
        "event_data": {"number": 1},
        "next_attempt_at": now - timedelta(seconds=1),
        **values,
    }
    return InboundEvent.objects.create(**made)


def again(event):
    return InboundEvent.objects.get(id=event.id)


def make_due(event):
    InboundEvent.objects.filter(id=event.id).update(
        next_attempt_at=timezone.now() - timedelta(seconds=1)
    )


@pytest.mark.django_db
def test_a_delivery_is_worked_once_however_often_it_is_hinted_at():
    event = stored()

    for _ in range(3):
        tasks.work_inbox([str(event.id)])
    tasks.sweep_inbox()

    assert Effect.objects.count() == 1
    assert again(event).processing_status == "processed"
    assert again(event).processed_at
    assert again(event).retry_count == 0


@pytest.mark.django_db
def test_the_sweep_finds_what_no_message_told_of():
    events = [stored(event_data={"number": number}) for number in range(5)]
    later = stored(next_attempt_at=timezone.now() + timedelta(minutes=5))

    assert inbox.sweep(seconds=20) == 5

    assert {again(event).processing_status for event in events} == {"processed"}
    assert again(later).processing_status == "pending"
    assert Effect.objects.count() == 5


@pytest.mark.django_db
def test_a_failing_handler_leaves_no_effect_and_waits_longer_each_time(settings):
    settings.WEBHOOK_RETRY_SECONDS = 10
    event = stored(event_data={"do": "raise"})
    waits = []

    for _ in range(3):
        inbox.work(event.id)
        waits.append((again(event).next_attempt_at - timezone.now()).total_seconds())
        assert again(event).processing_status == "pending"
        make_due(event)

    assert 7 < waits[0] < 13
    assert 31 < waits[1] < 49
    assert 127 < waits[2] < 193
    assert not Effect.objects.exists()


@pytest.mark.django_db
def test_after_three_retries_it_has_failed_with_a_reason_and_an_incident():
    event = stored(event_data={"do": "raise"}, request_id="r-1")

    for attempt in range(6):
        inbox.work(event.id)
        assert again(event).processing_status == ("failed" if attempt >= 3 else "pending")
        make_due(event)

    failed = again(event)
    assert failed.retry_count == 3
    assert failed.processing_error.startswith("Unexpected error: ValueError in webhooks.py, line ")
    assert "r-1" in failed.processing_error
    assert "secret-canary-value" not in failed.processing_error
    assert not Effect.objects.exists()
    incident = Incident.objects.get()
    assert incident.cause == "webhooks:probe-standard"
    assert "canary" not in str(incident.facts)


@pytest.mark.django_db
def test_a_handler_that_gives_up_is_not_tried_again():
    event = stored(event_data={"do": "give_up"})

    inbox.work(event.id)

    assert again(event).processing_status == "failed"
    assert again(event).processing_error == "The meeting belongs to nobody here."
    assert not Effect.objects.exists()


@pytest.mark.django_db
def test_a_poisoned_delivery_holds_up_no_other():
    poison = [stored(event_data={"do": "raise"}) for _ in range(3)]
    good = [stored() for _ in range(3)]

    tasks.work_inbox(
        [str(event.id) for event in (poison[0], good[0], poison[1], good[1], poison[2], good[2])]
    )

    assert {again(event).processing_status for event in good} == {"processed"}
    assert {again(event).processing_status for event in poison} == {"pending"}
    assert Effect.objects.count() == 3


@pytest.mark.django_db
def test_what_no_source_wants_any_more_says_so():
    gone = stored(source="a-vendor-of-old")
    unwanted = stored(source="probe-livekit", event_type="track_published")

    inbox.sweep(seconds=10)

    assert again(gone).processing_status == "failed"
    assert again(gone).processing_error == "No source is named a-vendor-of-old any more."
    assert again(unwanted).processing_status == "ignored"
    assert not Effect.objects.exists()


@pytest.mark.django_db
def test_the_incident_closes_when_nothing_failed_is_left():
    event = stored(event_data={"do": "give_up"})
    inbox.work(event.id)
    assert Incident.objects.filter(closed_at=None).count() == 1

    inbox.sweep(seconds=5)
    assert Incident.objects.filter(closed_at=None).count() == 1

    InboundEvent.objects.filter(id=event.id).update(event_data={"number": 1})
    inbox.replay([event.id], actor="tests")
    inbox.sweep(seconds=5)
    assert Incident.objects.filter(closed_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_make_one_effect_each():
    events = [stored() for _ in range(80)]
    gate = threading.Barrier(8)

    def worker():
        gate.wait()
        for event in events:
            inbox.work(event.id)
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Effect.objects.count() == 80
    assert Effect.objects.values("delivery_id").distinct().count() == 80
    assert {again(event).processing_status for event in events} == {"processed"}


def work_in_a_process_that_dies(event):
    """Work it in a process of its own, on this test's database."""
    database = connection.settings_dict["NAME"]
    program = (
        "import django, os; django.setup(); from django.db import connection;"
        f"connection.settings_dict['NAME'] = {database!r};"
        "from core import inbox; import uuid;"
        f"inbox.work(uuid.UUID('{event.id}'))"
    )
    return subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_handler_leaves_nothing_half_done(settings):
    settings.WEBHOOK_LEASE_SECONDS = 60
    event = stored(event_data={"do": "exit"})

    assert work_in_a_process_that_dies(event) == 9

    assert not Effect.objects.exists()
    claimed = again(event)
    assert claimed.processing_status == "pending"
    assert claimed.claimed_at is not None
    assert inbox.work(event.id) is False, "the lease keeps others off"
    InboundEvent.objects.filter(id=event.id).update(event_data={"number": 1})
    make_due(event)
    assert inbox.sweep(seconds=10) == 1
    assert Effect.objects.count() == 1
    assert again(event).retry_count == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_kills_every_worker_is_given_up():
    event = stored(event_data={"do": "exit"})
    InboundEvent.objects.filter(id=event.id).update(retry_count=3, claimed_at=timezone.now())

    inbox.work(event.id)

    assert again(event).processing_status == "failed"
    assert (
        again(event).processing_error == "The worker stopped every time it worked on this delivery."
    )
    assert Incident.objects.filter(cause="webhooks:probe-standard", closed_at=None).exists()


@pytest.mark.django_db
def test_an_unknown_id_is_no_error():
    assert inbox.work(uuid.uuid4()) is False
    assert inbox.work(uuid7()) is False
    assert inbox.work(uuid.UUID(int=2**128 - 1)) is False


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run")  # it names what differs
