"""How the calls of some integrations went, day by day, read from the log
by its index of integrations.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from core.outgoing.charts import Hour
from core.outgoing.latency import BOUNDS

DAY: Final = timedelta(days=1)
_COUNTED: Final = """
SELECT integration_id, date_trunc('day', created_at, 'UTC') AS day,
    width_bucket(response_time_ms, %(bounds)s::int[]) AS step, count(*) AS calls,
    count(*) FILTER (WHERE success) AS successes, count(*) FILTER (WHERE NOT success) AS failures
FROM api_call_logs
WHERE integration_id = ANY(%(ids)s) AND created_at >= %(low)s AND created_at < %(high)s
    AND (success IS NOT NULL OR status_code IS NOT NULL)
GROUP BY 1, 2, 3
"""


def by_integration(
    ids: Collection[UUID], first: date, last: date
) -> Mapping[UUID, dict[date, Hour]]:
    """Return the days from `first` to `last`, both included, of each integration that was
    called on one of them.
    """
    low, high = start_of(first), start_of(last) + DAY
    asked: dict[str, Any] = {"ids": list(ids), "low": low, "high": high, "bounds": list(BOUNDS)}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, asked)
        rows = cursor.fetchall()
    found: dict[UUID, dict[date, Hour]] = defaultdict(dict)
    for integration_id, moment, step, calls, successes, failures in rows:
        day = found[integration_id].setdefault(moment.date(), Hour(moment))
        day.add(calls, successes, failures, [(step, calls)])
    return found


def start_of(day: date) -> datetime:
    """Return the moment at which a day begins, in UTC."""
    return datetime.combine(day, time.min, UTC)
