"""How calls went, hour by hour: from the roll-up, and from the log for hours that are not
rolled up (yet).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from django.db import connection

from core.outgoing.hours import COUNTED, HOUR, hour_of
from core.outgoing.latency import BOUNDS, percentile
from core.outgoing.naming import Name, in_sql

MOST_HOURS: Final = 24 * 90
DAY: Final = 24

_OF_ALL: Final = (Name(""),)
_ROLLED_UP: Final = """
SELECT hour, scope, calls, successes, failures, steps, step_counts FROM api_call_hours
WHERE hour >= %(low)s AND hour < %(high)s AND (
    (scope = 'hour' AND vendor = '' AND workspace_name = '')
    OR (scope = %(scope)s AND vendor = %(vendor)s AND {of_workspace}))
"""
_FROM_THE_LOG: Final = f"""
SELECT hour, step, sum(calls), sum(successes), sum(failures) FROM (
    {COUNTED} AND vendor = %(vendor)s {{and_workspace}} GROUP BY 1, 2, 3, 4, 5
) AS counted GROUP BY hour, step
"""  # noqa: S608 - nothing in it comes from outside


@dataclass(slots=True)
class Hour:
    """One hour, or several added up. `success_rate` in percent,
    of the calls that succeeded or failed.
    """

    hour: datetime
    calls: int = 0
    successes: int = 0
    failures: int = 0
    steps: Counter[int] = field(default_factory=Counter)

    @property
    def day(self) -> date:
        return self.hour.date()

    @property
    def success_rate(self) -> float | None:
        decided = self.successes + self.failures
        if not decided:
            return None
        # Rounded down: a hundred is only what had no failure.
        return self.successes * 1000 // decided / 10

    @property
    def p50(self) -> int | None:
        return percentile(self.steps, 0.5)

    @property
    def p95(self) -> int | None:
        return percentile(self.steps, 0.95)

    def add(
        self, calls: int, successes: int, failures: int, steps: Iterable[tuple[int, int]]
    ) -> None:
        self.calls += int(calls)
        self.successes += int(successes)
        self.failures += int(failures)
        for step, count in steps:
            self.steps[step] += int(count)


def by_hour(
    vendor: str, hours: int, *, workspace: Sequence[Name] = (), now: datetime | None = None
) -> list[Hour]:
    """Return the last so many hours, the one under way included, the oldest first;
    hours without calls are in it. `workspace`: all that it was called; else all calls.
    """
    last = hour_of(now or datetime.now(UTC))
    first = last - HOUR * (min(hours, MOST_HOURS) - 1)
    found = {
        first + HOUR * number: Hour(first + HOUR * number)
        for number in range(min(hours, MOST_HOURS))
    }
    asked = {
        "low": first,
        "high": last + HOUR,
        "scope": "workspace" if workspace else "vendor",
        "vendor": vendor,
        "bounds": list(BOUNDS),
    }
    whole = _rolled_up(found, workspace, asked)
    missing = sorted(found.keys() - whole)
    if missing:
        asked |= {"low": missing[0], "high": missing[-1] + HOUR}
        _from_the_log(found, whole, workspace, asked)
    return list(found.values())


def last_day(vendor: str, *, workspace: Sequence[Name] = (), now: datetime | None = None) -> Hour:
    """Return the last 24 hours added up."""
    hours = by_hour(vendor, DAY, workspace=workspace, now=now)
    total = Hour(hours[0].hour)
    for hour in hours:
        total.add(hour.calls, hour.successes, hour.failures, hour.steps.items())
    return total


def _rolled_up(
    found: dict[datetime, Hour], workspace: Sequence[Name], asked: dict[str, Any]
) -> set[datetime]:
    """Fill in the hours that are whole, and return them. Both in one statement:
    marks go while others look.
    """
    condition, values = in_sql(workspace or _OF_ALL, "hour")
    with connection.cursor() as cursor:
        cursor.execute(_ROLLED_UP.format(of_workspace=condition), {**asked, **values})
        rows = cursor.fetchall()
    whole = {hour for hour, scope, *_numbers in rows if scope == "hour"}
    # Within the hour in which a name changed hands, the log alone tells whose a call was.
    edges = {edge for name in workspace for edge in (name.since, name.until) if edge is not None}
    whole -= {hour_of(edge) for edge in edges}
    for hour, scope, calls, successes, failures, steps, counts in rows:
        if scope != "hour" and hour in whole:
            found[hour].add(calls, successes, failures, zip(steps, counts, strict=True))
    return whole & found.keys()


def _from_the_log(
    found: dict[datetime, Hour],
    whole: set[datetime],
    workspace: Sequence[Name],
    asked: dict[str, Any],
) -> None:
    and_workspace = ""
    values: dict[str, Any] = {}
    if workspace:
        condition, values = in_sql(workspace, "created_at")
        and_workspace = f"AND {condition}"
    with connection.cursor() as cursor:
        cursor.execute(_FROM_THE_LOG.format(and_workspace=and_workspace), {**asked, **values})
        rows = cursor.fetchall()
    for hour, step, calls, successes, failures in rows:
        if hour not in whole and hour in found:
            found[hour].add(calls, successes, failures, [(step, calls)])
