"""Calls as rows of a CSV, in flat memory: a day after the other, in slices by key.

Each slice is a short statement that reads one day's table.
A server-side cursor would keep one transaction open for as long as somebody downloads.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from core.models import ApiCall
from core.outgoing.hours import LOG
from core.outgoing.reading import Wanted, found

SLICE: Final = 5_000
# The header and the attribute of each column.
COLUMNS: Final = {
    "id": "id",
    "created_at": "created_at",
    "workspace_name": "workspace_name",
    "bison_instance": "instance",
    "method": "method",
    "endpoint": "endpoint",
    "status_code": "status_code",
    "success": "success",
    "response_time_ms": "response_time_ms",
    "error_message": "error_message",
    "api_key_used": "api_key_used",
    "api_key_type": "api_key_type",
    "function_name": "function_name",
    "triggered_by": "triggered_by",
    "attempt": "attempt",
    "request_id": "request_id",
    "run_id": "run_id",
    "metadata": "metadata",
}
_DAY: Final = timedelta(days=1)


def rows(wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    """Give the calls, the newest first; those made meanwhile are not among them."""
    now = datetime.now(UTC)
    calls = found(wanted).filter(created_at__lt=now)
    for low, high in _days(wanted, now):
        yield from _slices(calls.filter(created_at__gte=low, created_at__lt=high))


def _days(wanted: Wanted, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    begins = wanted.begins or datetime.combine(LOG.first_day(now), time.min, UTC)
    last = min(wanted.until or now, now)
    low = datetime.combine(last.astimezone(UTC).date(), time.min, UTC)
    while low + _DAY > begins:
        yield low, low + _DAY
        low -= _DAY


def _slices(calls: QuerySet[ApiCall, ApiCall]) -> Iterator[tuple[Any, ...]]:
    ordered = calls.order_by("-created_at", "-id").values_list(*COLUMNS.values())
    part = list(ordered[:SLICE])
    while part:
        for identifier, created_at, *others, metadata in part:
            yield (
                identifier,
                created_at.isoformat(),
                *others,
                json.dumps(metadata, ensure_ascii=False),
            )
        if len(part) < SLICE:
            return
        identifier, created_at, *_others = part[-1]
        # The plain bound is implied by the rest; it is what the index can use.
        before = Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=identifier)
        part = list(ordered.filter(before, created_at__lte=created_at)[:SLICE])
