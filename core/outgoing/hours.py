"""The roll-up: how calls went in each hour that is over, made from the log.

Writing a call costs nothing more by it, and it cannot drift: an hour is made whole, from the rows,
at any time anew. Where a batch of the log comes late, with calls of an hour that was rolled up,
that hour's mark is taken away in the same transaction. Until it is made again, whoever asks reads
it from the log, as they do the hour that is under way.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from django.db import connection, transaction

from core import locks
from core.http import call_log
from core.http.call_log import PLACES
from core.outgoing.latency import BOUNDS
from core.postgres import partitions

logger = structlog.get_logger(__name__)

HOUR: Final = timedelta(hours=1)
# Rows wait a second before they are written: an hour that has just ended has not
# all of its own yet.
SETTLED_AFTER: Final = timedelta(minutes=2)
# So many hours in one go; the next goes on with those before.
AT_ONCE: Final = 200
LOG: Final = partitions.LOGS[0]
# Where a key was used is asked of so long a time.
KEYS_KEPT: Final = timedelta(days=30)

# What our own quota held back was no call. The bounds are plain values,
# so that one day's table is read.
COUNTED: Final = """
SELECT date_trunc('hour', created_at, 'UTC') AS hour, vendor, bison_instance, workspace_name,
    width_bucket(response_time_ms, %(bounds)s::int[]) AS step, count(*) AS calls,
    count(*) FILTER (WHERE success) AS successes, count(*) FILTER (WHERE NOT success) AS failures
FROM api_call_logs
WHERE created_at >= %(low)s AND created_at < %(high)s
    AND (success IS NOT NULL OR status_code IS NOT NULL)
"""
_ROLL_UP: Final = f"""
WITH counted AS ({COUNTED} GROUP BY 1, 2, 3, 4, 5),
scoped AS (
    SELECT 'workspace' AS scope, vendor, bison_instance, workspace_name, step, calls, successes,
        failures
    FROM counted WHERE workspace_name <> ''
    UNION ALL
    SELECT 'vendor', vendor, '', '', step, sum(calls), sum(successes), sum(failures) FROM counted
        GROUP BY vendor, step
)
INSERT INTO api_call_hours
    (hour, scope, vendor, bison_instance, workspace_name, calls, successes, failures, steps,
        step_counts)
SELECT %(low)s, scope, vendor, bison_instance, workspace_name, sum(calls), sum(successes),
    sum(failures),
    array_agg(step ORDER BY step), array_agg(calls ORDER BY step)
FROM scoped GROUP BY scope, vendor, bison_instance, workspace_name
UNION ALL SELECT %(low)s, 'hour', '', '', '', 0, 0, 0, '{{}}', '{{}}'
"""  # noqa: S608 - nothing in it comes from outside
# Who called with which key; of a key the log has its last characters alone.
_ROLL_UP_KEYS: Final = """
INSERT INTO api_key_hours
    (hour, vendor, api_key_used, workspace_name, function_name, triggered_by, calls, last_call_at,
    run_ids)
SELECT %(low)s, vendor, api_key_used, workspace_name, function_name, triggered_by, count(*),
    max(created_at), COALESCE(array_agg(DISTINCT run_id) FILTER (WHERE run_id IS NOT NULL), '{}')
FROM api_call_logs WHERE created_at >= %(low)s AND created_at < %(high)s AND api_key_used <> ''
GROUP BY vendor, api_key_used, workspace_name, function_name, triggered_by
"""
_NOT_ROLLED_UP: Final = """
SELECT hour FROM generate_series(%s, %s, interval '1 hour') AS hour
WHERE NOT EXISTS (SELECT FROM api_call_hours AS known WHERE known.scope = 'hour'
    AND known.vendor = ''
    AND known.workspace_name = '' AND known.hour = hour.hour)
ORDER BY hour DESC LIMIT %s
"""


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of its hour."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def keep(now: datetime | None = None) -> int:
    """Roll up what is over and not rolled up, and forget what is past the log's retention;
    how many hours were made.
    """
    now = now or datetime.now(UTC)
    first_day = datetime.combine(LOG.first_day(now), datetime.min.time(), UTC)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM api_call_hours WHERE hour < %s", [first_day])
        cursor.execute(
            "DELETE FROM api_key_hours WHERE hour < %s", [max(first_day, hour_of(now - KEYS_KEPT))]
        )
        cursor.execute(
            "SELECT min(created_at) FROM api_call_logs WHERE created_at >= %s", [first_day]
        )
        oldest = cursor.fetchone()[0]
        if oldest is None:
            return 0
        cursor.execute(
            _NOT_ROLLED_UP, [hour_of(oldest), hour_of(now - SETTLED_AFTER) - HOUR, AT_ONCE]
        )
        hours = [hour for (hour,) in cursor.fetchall()]
    for hour in hours:
        roll_up(hour)
    if hours:
        logger.info("calls_rolled_up", hours=len(hours))
    return len(hours)


def roll_up(hour: datetime) -> None:
    """Make one hour anew, whole."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever writes a late row waits for this, or this for them: see `on_written`.
        locks.hold("core.call_hours")
        cursor.execute("DELETE FROM api_call_hours WHERE hour = %s", [hour])
        cursor.execute("DELETE FROM api_key_hours WHERE hour = %s", [hour])
        asked: dict[str, Any] = {"low": hour, "high": hour + HOUR, "bounds": list(BOUNDS)}
        cursor.execute(_ROLL_UP, asked)
        cursor.execute(_ROLL_UP_KEYS, asked)


def on_written(*, rows: Sequence[call_log.Row], **_signal: Any) -> None:
    """Take away the marks of hours that have got late rows."""
    this_hour = hour_of(datetime.now(UTC))
    moments = (row[PLACES["created_at"]] for row in rows)
    late = sorted({hour_of(moment) for moment in moments if moment < this_hour})
    if not late:
        return
    locks.hold("core.call_hours", shared=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM api_call_hours WHERE scope = 'hour' AND hour = ANY(%s)", [late])
