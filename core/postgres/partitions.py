"""The days of the two great logs: made in time, dropped after their retention,
and found again from an id.

`keep()` may run at any time, at once in several places, and be killed at any point. A row whose day
has no partition lands in the default one and is moved, in one transaction, when the day is made. A
day that still holds deliveries nobody has worked is not dropped, however old. Days are UTC.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db import OperationalError, connection, models, transaction
from django.db.models import Q

from core import locks
from core.ids import time_of

logger = structlog.get_logger(__name__)

DAYS_AHEAD: Final = 7
# Nothing waits longer for a table: whoever writes to it goes first, and the next round tries again.
_LOCK_TIMEOUT: Final = "3s"
LOCKED: Final = {"55P03", "40P01"}
_RECEIPTS_AT_ONCE: Final = 10_000
_DAY: Final = timedelta(days=1)
_NAME: Final = re.compile(r".*_p(\d{8})")


@dataclass(frozen=True)
class Log:
    """A table partitioned by day. Rows that meet `unfinished` are never dropped,
    those that meet `lost` are counted.
    """

    table: str
    column: str
    retention: str
    unfinished: str = "false"
    lost: str = "false"

    @property
    def default(self) -> str:
        return f"{self.table}_default"

    def partition(self, day: date) -> str:
        return f"{self.table}_p{day:%Y%m%d}"

    def first_day(self, now: datetime) -> date:
        """Return the oldest day that is kept."""
        return (now - timedelta(days=getattr(settings, self.retention))).astimezone(UTC).date()


LOGS: Final = (
    Log("api_call_logs", "created_at", "API_LOG_DAYS"),
    Log(
        "webhook_events",
        "received_at",
        "WEBHOOK_LOG_DAYS",
        unfinished="processing_status = 'pending'",
        lost="processing_status = 'failed'",
    ),
)


@dataclass
class Kept:
    """What one round did, by partition name."""

    made: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    # Past retention, but with unfinished rows.
    locked: list[str] = field(default_factory=list)
    # In use at that moment: the next round's.
    busy: list[str] = field(default_factory=list)
    moved: int = 0
    receipts: int = 0


def keep(now: datetime | None = None) -> Kept:
    """Make the days that will be needed, drop those past their retention, forget old receipts."""
    now = now or datetime.now(UTC)
    kept = Kept()
    for log in LOGS:
        make_days(log, now, kept)
        for name in _detached(log):
            _free(name)
        _forget_old_strays(log, log.first_day(now))
        for day in sorted(_days(log)):
            if day < log.first_day(now):
                _drop(log, day, kept)
    kept.receipts = _forget_receipts(LOGS[1].first_day(now))
    logger.info("partitions_kept", **vars(kept))
    return kept


def keep_after_migrate(**_signal: Any) -> None:
    """Give a new database its days at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [LOGS[-1].default])
        ready = cursor.fetchone()[0]
    if not ready:
        return
    for log in LOGS:
        make_days(log, datetime.now(UTC), Kept())


def make_days(log: Log, now: datetime, kept: Kept) -> None:
    """Make today, the week ahead, and every kept day of which rows have landed
    in the default partition.
    """
    today = now.astimezone(UTC).date()
    wanted = {today + _DAY * ahead for ahead in range(DAYS_AHEAD + 1)}
    first, last = log.first_day(now), today + _DAY * DAYS_AHEAD
    strays = {day for day in _stray_days(log) if first <= day <= last}
    for day in sorted((wanted | strays) - _days(log)):
        try:
            kept.moved += _make(log, day, in_use=day <= today)
            kept.made.append(log.partition(day))
        except OperationalError as error:
            _busy(log, day, kept, error)


def _make(log: Log, day: date, *, in_use: bool) -> int:
    """Make the day's table, with the rows that had landed in the default partition;
    return their number.
    """
    name, (low, high) = log.partition(day), _bounds(day)
    with transaction.atomic(), connection.cursor() as cursor:
        _alone(cursor)
        if day in _days(log):
            return 0
        if in_use:
            # A row that is just being sent to the default partition would fail there once the day
            # exists: its writer waits before it looks for a place, not after. A day ahead, which is
            # the rule, keeps nobody waiting.
            cursor.execute(f"LOCK TABLE {log.table} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {log.table} INCLUDING ALL)")
        # From here to the commit no row can land in the default partition:
        # none is left behind in it.
        cursor.execute(f"LOCK TABLE {log.default} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {log.default} WHERE {log.column} >= %s "
            f"AND {log.column} < %s RETURNING *) INSERT INTO {name} SELECT * FROM moved",
            [low, high],
        )
        moved = cursor.rowcount
        cursor.execute(
            f"ALTER TABLE {log.table} ATTACH PARTITION {name} FOR VALUES FROM "
            f"('{low}') TO ('{high}')"
        )
    return moved


def _drop(log: Log, day: date, kept: Kept) -> None:
    """Drop the day's table, unless it holds unfinished rows.

    It is taken out of the log first, which is a matter of names. To delete its files takes much
    longer, and by then nobody waits for it. (DETACH CONCURRENTLY is refused by PostgreSQL where
    there is a default partition.)
    """
    name = log.partition(day)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _alone(cursor)
            cursor.execute(f"LOCK TABLE {name} IN SHARE MODE")
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE {log.unfinished}), count(*) FILTER (WHERE "
                f"{log.lost}) FROM {name} WHERE {log.unfinished} OR {log.lost}"
            )
            unfinished, lost = cursor.fetchone()
            if unfinished:
                logger.warning("partition_held", partition=name, unfinished=unfinished)
                kept.locked.append(name)
                return
            cursor.execute(f"ALTER TABLE {log.table} DETACH PARTITION {name}")
    except OperationalError as error:
        _busy(log, day, kept, error)
        return
    _free(name)
    kept.dropped.append(name)
    if lost:
        logger.warning("failed_rows_dropped", partition=name, rows=lost)


def _free(name: str) -> None:
    """Delete the files of a day that is part of the log no more;
    of one in use, the next round does.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _alone(cursor)
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in LOCKED:
            raise
        logger.warning("partition_busy", partition=name)


def _detached(log: Log) -> list[str]:
    """Return days that were taken out of the log by a round that died before it deleted them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition "
            "AND relname ~ %s AND relnamespace = (SELECT relnamespace FROM pg_class "
            "WHERE oid = %s::regclass)",
            [f"^{log.table}_p[0-9]{{8}}$", log.table],
        )
        return [name for (name,) in cursor.fetchall()]


def _busy(log: Log, day: date, kept: Kept, error: OperationalError) -> None:
    """Leave a lock that was not to be had to the next round; raise anything else."""
    if getattr(error.__cause__, "sqlstate", "") not in LOCKED:
        raise error
    logger.warning("partition_busy", partition=log.partition(day))
    kept.busy.append(log.partition(day))


def _alone(cursor: Any) -> None:
    cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    locks.hold("core.partitions")


def _bounds(day: date) -> tuple[datetime, datetime]:
    low = datetime.combine(day, time.min, UTC)
    return low, low + _DAY


def _days(log: Log) -> set[date]:
    """Return the days that have a partition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass",
            [log.table],
        )
        names = [_NAME.fullmatch(name) for (name,) in cursor.fetchall()]
    return {
        datetime.strptime(name[1], "%Y%m%d").replace(tzinfo=UTC).date() for name in names if name
    }


def _stray_days(log: Log) -> set[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ({log.column} AT TIME ZONE 'UTC')::date FROM {log.default}"
        )
        return {day for (day,) in cursor.fetchall()}


def _forget_old_strays(log: Log, first_day: date) -> None:
    """Delete rows of the default partition that are past the retention of their day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {log.default} WHERE {log.column} < %s AND NOT ({log.unfinished})",
            [_bounds(first_day)[0]],
        )


def _forget_receipts(first_day: date) -> int:
    """Delete receipts of deliveries that are no longer kept, a batch at a time."""
    forgotten = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "DELETE FROM webhook_receipts WHERE key IN "
                "(SELECT key FROM webhook_receipts WHERE received_at < %s LIMIT %s)",
                [_bounds(first_day)[0], _RECEIPTS_AT_ONCE],
            )
            forgotten += cursor.rowcount
            if cursor.rowcount < _RECEIPTS_AT_ONCE:
                return forgotten


# --- Reading --------------------------------------------------------------------------------------
Row = TypeVar("Row", bound=models.Model)
# Most lists are filled from the newest days; planning for all ninety takes longer than reading one.
_AGES: Final = (_DAY, 7 * _DAY, 30 * _DAY)
# How far a row's time may be from the time in its id.
_ID_SLACK: Final = timedelta(minutes=5)


def window(identifier: UUID) -> tuple[datetime, datetime]:
    """Return the bounds between which a row with this UUIDv7 has its time,
    so that a single partition is searched.
    """
    moment = time_of(identifier)
    return moment - _ID_SLACK, moment + _ID_SLACK


def newest(
    rows: models.QuerySet[Row, Row],
    count: int,
    *,
    column: str,
    before: tuple[datetime, UUID] | None = None,
    since: datetime | None = None,
) -> list[Row]:
    """Return the newest `count` rows, newest first; with `before` (the last row's time and id)
    the page that follows.

    Looks at the newest day first and widens only while rows are missing. The bounds stand in the
    SQL as plain values, never as expressions: so PostgreSQL leaves the other partitions out
    before it plans.
    """
    if before:
        start = upper = before[0]
        rows = rows.filter(
            Q(**{f"{column}__lt": upper}) | Q(**{column: upper, "id__lt": before[1]})
        )
    else:
        start = datetime.now(UTC)
        upper = start + _DAY
    found: list[Row] = []
    for low, high in _windows(start, upper, since):
        part = rows.filter(**{f"{column}__lte" if high == upper else f"{column}__lt": high})
        if low:
            part = part.filter(**{f"{column}__gte": low})
        found += part.order_by(f"-{column}", "-id")[: count - len(found)]
        if len(found) >= count:
            break
    return found


def _windows(
    start: datetime, upper: datetime, since: datetime | None
) -> Iterator[tuple[datetime | None, datetime]]:
    """Yield windows from the newest to the oldest: a day, the week, the month, the rest.

    A low bound of None is everything.
    """
    high = upper
    for age in _AGES:
        low = start - age
        if since and low <= since:
            break
        yield low, high
        high = low
    yield since, high
