"""The roll-up says what the log says, whenever it is asked, and however late rows come."""

import random
import statistics
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from core import outgoing
from core.http.call_log import COLUMNS
from core.models import ApiCall, ApiCallHour
from core.outgoing import hours
from core.outgoing.latency import percentile

VENDOR = "email-bison"
NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
THIS_HOUR = NOW.replace(minute=0)


def call(at: datetime, success: bool | None = True, **values: Any) -> None:
    known = {"vendor": VENDOR, "workspace_name": "Aspen", "endpoint": "/users", "method": "GET"}
    known |= {
        "status_code": 200 if success else 404,
        "success": success,
        "response_time_ms": 50,
        "created_at": at,
    }
    ApiCall.objects.create(**{**known, **values})


def named(workspace: str) -> tuple[outgoing.Name, ...]:
    return (outgoing.Name(workspace),) if workspace else ()


def figures(workspace: str = "") -> list[tuple[int, int, float | None, int | None, int | None]]:
    found = outgoing.by_hour(VENDOR, 4, workspace=named(workspace), now=NOW)
    return [(hour.calls, hour.failures, hour.success_rate, hour.p50, hour.p95) for hour in found]


@pytest.fixture
def some_calls(db: None) -> None:
    choose = random.Random(7)
    for number in range(200):
        at = THIS_HOUR - timedelta(hours=3) + timedelta(minutes=number)
        success = choose.choice([True, True, True, False, None])
        name = choose.choice(["Aspen", "Birch", ""])
        call(at, success, response_time_ms=choose.randint(1, 3000), workspace_name=name)
    call(THIS_HOUR - timedelta(minutes=5), None, status_code=None)
    call(THIS_HOUR - timedelta(minutes=5), vendor="fathom")


@pytest.mark.parametrize("workspace", ["", "Aspen", "Birch", "Nobody"])
def test_the_roll_up_says_what_the_log_says(some_calls: None, workspace: str) -> None:
    before = figures(workspace)
    assert hours.keep(NOW) == 3
    assert ApiCallHour.objects.filter(scope="hour").count() == 3
    assert figures(workspace) == before
    assert hours.keep(NOW) == 0


def test_what_was_held_back_and_other_vendors_are_not_counted(some_calls: None) -> None:
    hours.keep(NOW)
    assert sum(row[0] for row in figures()) == 200


def test_a_whole_hour_is_read_from_the_roll_up_alone(some_calls: None) -> None:
    hours.keep(NOW)
    before = figures()
    ApiCall.objects.filter(created_at__lt=THIS_HOUR).delete()
    assert figures() == before


def test_a_404_is_no_success_and_what_was_expected_is_no_failure(db: None) -> None:
    call(NOW, success=False, status_code=404)
    assert figures()[-1][:3] == (1, 1, 0.0)
    call(NOW, success=None, status_code=404)
    assert figures()[-1][:3] == (2, 1, 0.0)
    call(NOW)
    assert figures()[-1][:3] == (3, 1, 50.0)


def test_hours_without_calls_are_in_the_chart_and_say_nothing(db: None) -> None:
    assert figures() == [(0, 0, None, None, None)] * 4


def test_percentiles_are_known_to_within_a_tenth(db: None) -> None:
    choose = random.Random(3)
    times = [int(choose.lognormvariate(5, 1)) + 5 for _number in range(400)]
    for took in times:
        call(NOW, response_time_ms=took)
    (hour,) = outgoing.by_hour(VENDOR, 1, now=NOW)
    quantiles = statistics.quantiles(times, n=100)
    assert hour.p50 == pytest.approx(quantiles[49], rel=0.1)
    assert hour.p95 == pytest.approx(quantiles[94], rel=0.1)
    assert percentile({}, 0.5) is None


def test_a_late_row_is_seen_at_once_and_rolled_up_again(some_calls: None) -> None:
    hours.keep(NOW)
    before = figures()
    late = THIS_HOUR - timedelta(minutes=70)
    call(late)
    hours.on_written(rows=[tuple(late if name == "created_at" else None for name in COLUMNS)])
    after = figures()
    assert after[1][0] == before[1][0] + 1
    assert hours.keep(NOW) == 1
    assert figures() == after


def test_an_hour_that_has_just_ended_is_not_rolled_up_yet(db: None) -> None:
    call(THIS_HOUR - timedelta(minutes=1))
    assert hours.keep(THIS_HOUR + timedelta(minutes=1)) == 0
    assert hours.keep(THIS_HOUR + timedelta(minutes=3)) == 1


def test_what_is_past_the_retention_is_forgotten(db: None, settings: Any) -> None:
    settings.API_LOG_DAYS = 30
    old = THIS_HOUR - timedelta(days=32)
    ApiCallHour.objects.create(
        hour=old, scope="hour", calls=0, successes=0, failures=0, steps=[], step_counts=[]
    )
    hours.keep(NOW)
    assert not ApiCallHour.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_a_late_row_and_a_roll_up_at_once_neither_wins_over_the_other() -> None:
    hour = THIS_HOUR - timedelta(hours=1)
    late = hour + timedelta(minutes=1)
    for _turn in range(15):
        begin = threading.Barrier(2)

        def write(begin: threading.Barrier = begin) -> None:
            begin.wait()
            with transaction.atomic():
                call(late)
                hours.on_written(
                    rows=[tuple(late if name == "created_at" else None for name in COLUMNS)]
                )
            connections.close_all()

        thread = threading.Thread(target=write)
        thread.start()
        begin.wait()
        hours.roll_up(hour)
        thread.join()
        counted = outgoing.by_hour(VENDOR, 4, now=NOW)[2].calls
        assert counted == ApiCall.objects.count()
    connection.close()
