"""The rows that are owed: one worker each, put off and given up, found again when a worker died."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from core.models import AlertChannel, AlertDelivery
from core.outbox import Outbox, Pauses

HOUR = timedelta(hours=1)
# As a sender of webhooks would have it, with a table of its own.
OUTBOX = Outbox(AlertDelivery, Pauses([HOUR, 5 * HOUR], spread=0.1), lease=timedelta(minutes=2))


def owed(**values: Any) -> AlertDelivery:
    channel = AlertChannel.objects.get_or_create(
        name="duty", defaults={"kind": "email", "target": "duty@example.org"}
    )[0]
    return AlertDelivery.objects.create(
        channel=channel, **{"next_attempt_at": timezone.now(), **values}
    )


def claimed(row: AlertDelivery) -> AlertDelivery:
    assert OUTBOX.claim(row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def now(db: None) -> Any:
    with time_machine.travel(
        datetime.fromisoformat("2026-03-01T12:00:00+00:00"), tick=False
    ) as clock:
        yield clock


def test_what_is_due_is_claimed_once_and_due_again_when_the_lease_is_over(now: Any) -> None:
    row, later = owed(), owed(next_attempt_at=timezone.now() + HOUR)

    assert list(OUTBOX.due()) == [row]
    assert claimed(row).attempts == 1
    assert not OUTBOX.claim(row.pk)
    assert not OUTBOX.claim(later.pk)
    now.shift(timedelta(minutes=2))
    assert claimed(row).attempts == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_row() -> None:
    row, gate = owed(), Barrier(8)

    def claim(_number: int) -> bool:
        try:
            gate.wait(timeout=20)
            return OUTBOX.claim(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(8))) == [False] * 7 + [True]


def test_what_fails_is_put_off_by_its_table_and_given_up_after_its_last_attempt(now: Any) -> None:
    row, rests = owed(), []
    for _attempt in range(2):
        assert not OUTBOX.put_off(claimed(row), "The server is away.")
        row.refresh_from_db()
        assert (row.state, row.error) == ("waiting", "The server is away.")
        rests.append(row.next_attempt_at - timezone.now())
        now.move_to(row.next_attempt_at)

    assert OUTBOX.put_off(claimed(row), "The server is away for good.")

    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("failed", 3, "The server is away for good.")
    assert 0.9 * HOUR <= rests[0] <= 1.1 * HOUR
    assert 4.5 * HOUR <= rests[1] <= 5.5 * HOUR
    now.shift(timedelta(days=30))
    assert not OUTBOX.due().exists()


def test_what_no_later_attempt_could_mend_is_given_up_at_once(now: Any) -> None:
    row = owed()

    assert OUTBOX.put_off(claimed(row), "The address is gone (410).", final=True, retry_after=60)

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", 1)


def test_a_longer_wait_that_was_asked_for_is_kept(now: Any) -> None:
    row = owed()

    OUTBOX.put_off(claimed(row), "Slow down.", retry_after=86_400)

    row.refresh_from_db()
    assert row.next_attempt_at == timezone.now() + timedelta(days=1)


def test_who_was_too_slow_takes_nothing_from_who_took_over(now: Any) -> None:
    row = owed()
    slow = claimed(row)
    now.shift(timedelta(minutes=3))
    claimed(AlertDelivery.objects.get(pk=row.pk))
    OUTBOX.done([row.pk], sent_at=timezone.now())

    OUTBOX.put_off(slow, "Too late.")

    row.refresh_from_db()
    assert (row.state, row.error, row.sent_at) == ("sent", "", timezone.now())


def test_a_last_attempt_that_never_ended_is_given_up_by_the_sweep_and_no_other_row(
    now: Any,
) -> None:
    lost, tried, under_way = owed(attempts=3), owed(attempts=2), owed(attempts=3)
    AlertDelivery.objects.filter(pk=under_way.pk).update(next_attempt_at=timezone.now() + HOUR)

    assert OUTBOX.give_up_on_the_lost("It was cut off.") == 1

    states = dict(AlertDelivery.objects.values_list("pk", "state"))
    assert states == {lost.pk: "failed", tried.pk: "waiting", under_way.pk: "waiting"}


def test_what_was_given_up_can_be_owed_again_from_the_first_attempt(now: Any) -> None:
    row, sent = owed(), owed(state="sent")
    assert OUTBOX.give_up([row.pk, sent.pk], "Nobody listens.") == 1

    assert OUTBOX.put_back([row.pk, sent.pk]) == 1

    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("waiting", 0, "")
    assert list(OUTBOX.due()) == [row]
