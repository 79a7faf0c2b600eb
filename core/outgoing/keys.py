"""Where a key was used: from the roll-up of hours that are over,
and from the log for what is not whole there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from core.outgoing.hours import HOUR, KEYS_KEPT, hour_of

_WHOLE: Final = """
SELECT hour FROM api_call_hours
WHERE scope = 'hour' AND vendor = '' AND workspace_name = '' AND hour >= %s AND hour < %s
ORDER BY hour
"""
_ROLLED_UP: Final = """
SELECT workspace_name, function_name, triggered_by, calls, last_call_at, run_ids FROM api_key_hours
WHERE vendor = %s AND api_key_used = %s AND hour = ANY(%s)
"""
# The bounds are plain values, so that the days' tables between them alone are read.
_IN_THE_LOG: Final = """
UNION ALL SELECT workspace_name, function_name, triggered_by, count(*), max(created_at),
    array_agg(DISTINCT run_id) FILTER (WHERE run_id IS NOT NULL) FROM api_call_logs
WHERE vendor = %s AND api_key_used = %s AND created_at >= %s AND created_at < %s GROUP BY 1, 2, 3
"""
_SUMMED: Final = """
WITH found AS MATERIALIZED ({rows})
SELECT workspace_name, function_name, triggered_by, sum(calls)::bigint, max(last_call_at),
    ARRAY(
        SELECT DISTINCT run_id FROM found, unnest(run_ids) AS run_id ORDER BY run_id DESC LIMIT %s)
FROM found GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Use:
    """Calls by one job for one workspace."""

    workspace_name: str
    function_name: str
    triggered_by: str
    calls: int
    last_call_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Who called, those with the most calls first, and the newest of their runs."""

    since: datetime
    uses: Sequence[Use] = ()
    run_ids: Sequence[UUID] = ()


def used(vendor: str, key: str, *, most: int, now: datetime | None = None) -> Found:
    """Return where the key with these last characters was used in the last thirty days."""
    now = now or datetime.now(UTC)
    first, end = hour_of(now - KEYS_KEPT), hour_of(now) + HOUR
    with connection.cursor() as cursor:
        cursor.execute(_WHOLE, [first, end])
        whole = [hour for (hour,) in cursor.fetchall()]
    rows = _ROLLED_UP
    values: list[Any] = [vendor, key, whole]
    for low, high in _gaps(first, end, whole):
        rows += _IN_THE_LOG
        values += [vendor, key, low, high]
    with connection.cursor() as cursor:
        cursor.execute(_SUMMED.format(rows=rows), [*values, most, most])
        found = cursor.fetchall()
    return Found(first, [Use(*row[:5]) for row in found], found[0][5] if found else [])


def _gaps(
    first: datetime, end: datetime, whole: Sequence[datetime]
) -> Iterator[tuple[datetime, datetime]]:
    """Give the stretches of time between hours that are whole."""
    at = first
    for hour in [*whole, end]:
        if hour > at:
            yield at, hour
        at = hour + HOUR
