"""Where a key was used is the same from the log and from the roll-up,
and cheap from the roll-up.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.http.call_log import COLUMNS
from core.ids import uuid7
from core.models import ApiCall, ApiKeyHour
from core.outgoing import hours, keys

VENDOR = "email-bison"
NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
KEY = "f1575525"
RUNS = [uuid7() for _number in range(3)]


def call(at: datetime, **values: Any) -> None:
    known = {
        "vendor": VENDOR,
        "workspace_name": "Aspen",
        "endpoint": "/users",
        "method": "GET",
        "status_code": 200,
    }
    known |= {"success": True, "response_time_ms": 50, "api_key_used": KEY, "created_at": at}
    ApiCall.objects.create(**{**known, **values})


def used(key: str = KEY) -> tuple[list[tuple[Any, ...]], list[Any]]:
    found = keys.used(VENDOR, key, most=200, now=NOW)
    rows = [
        (use.workspace_name, use.function_name, use.calls, use.last_call_at) for use in found.uses
    ]
    return rows, list(found.run_ids)


@pytest.fixture
def some_calls(db: None) -> None:
    for number in range(40):
        at = NOW - timedelta(hours=number * 2)
        call(at, function_name="sync" if number % 3 else "health", run_id=RUNS[number % 2])
    call(NOW - timedelta(days=2), workspace_name="Birch", function_name="sync", run_id=RUNS[2])
    call(NOW - timedelta(days=2), api_key_used="another1")
    call(NOW - timedelta(days=2), vendor="fathom")


def test_the_roll_up_says_what_the_log_says(some_calls: None) -> None:
    rows, run_ids = used()
    assert [row[:3] for row in rows] == [
        ("Aspen", "sync", 26),
        ("Aspen", "health", 14),
        ("Birch", "sync", 1),
    ]
    assert rows[1][3] == NOW
    assert run_ids == sorted(RUNS, reverse=True)
    hours.keep(NOW)
    assert ApiKeyHour.objects.exists()
    assert used() == (rows, run_ids)
    assert used("nobodys1") == ([], [])


def test_hours_that_are_over_are_read_from_the_roll_up_alone(some_calls: None) -> None:
    hours.keep(NOW)
    before = used()
    ApiCall.objects.filter(created_at__lt=NOW.replace(minute=0)).delete()
    assert used() == before
    with CaptureQueriesContext(connection) as asked:
        used()
    assert len(asked) == 2
    # Before the first call of all and since the last whole hour: no more is read from the log.
    assert asked[1]["sql"].count("api_call_logs") == 2


def test_a_late_row_is_seen_at_once_and_counted_once(some_calls: None) -> None:
    hours.keep(NOW)
    before = sum(row[2] for row in used()[0])
    late = NOW - timedelta(hours=4)
    call(late)
    hours.on_written(rows=[tuple(late if name == "created_at" else None for name in COLUMNS)])
    assert sum(row[2] for row in used()[0]) == before + 1
    assert hours.keep(NOW) == 1
    assert sum(row[2] for row in used()[0]) == before + 1


def test_what_nobody_asks_of_any_more_is_forgotten(db: None) -> None:
    old = hours.hour_of(NOW - timedelta(days=31))
    ApiKeyHour.objects.create(
        hour=old, vendor=VENDOR, api_key_used=KEY, calls=1, last_call_at=old, run_ids=[]
    )
    call(NOW)
    hours.keep(NOW)
    assert not ApiKeyHour.objects.filter(hour=old).exists()
