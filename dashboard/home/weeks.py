"""Days and weeks of the reader, and how many calls or meetings each has."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from calls.models import Call
from dashboard.periods import first_moment
from dashboard.scheduling.weeks import A_WEEK, Week

SHORT, LONG = 8, 12
HELD: Final = Q(status=Call.Status.COMPLETED, started_at__isnull=False)
WON: Final = Q(outcome__iexact="won")
LOST: Final = Q(outcome__iexact="lost")


@dataclass(frozen=True)
class Day:
    """A day of the reader: its first moment, and the next day's."""

    starts: datetime
    ends: datetime

    @classmethod
    def today(cls) -> "Day":
        day = timezone.localdate()
        return cls(first_moment(day), first_moment(day + timedelta(days=1)))


def mondays(count: int) -> list[date]:
    """Return the first days of so many weeks, this one the last."""
    monday = Week.of(timezone.localdate()).monday
    return [monday - number * A_WEEK for number in reversed(range(count))]


def by_week(
    rows: QuerySet[Any], field: str, weeks: Sequence[date], **counted: Q
) -> dict[str, list[int]]:
    """Count the rows of each week, in one query: all of them as `total`,
    and those of each condition by its name.
    """
    week = TruncWeek(field, tzinfo=timezone.get_current_timezone())
    recent = rows.filter(
        **{
            f"{field}__gte": first_moment(weeks[0]),
            f"{field}__lt": first_moment(weeks[-1] + A_WEEK),
        }
    )
    sums = {name: Count("pk", filter=condition) for name, condition in counted.items()}
    found = recent.order_by().annotate(week=week).values("week").annotate(total=Count("pk"), **sums)
    known = {timezone.localdate(row["week"]): row for row in found}
    return {
        name: [known.get(monday, {}).get(name, 0) for monday in weeks]
        for name in ("total", *counted)
    }


def by_week_of(
    calls: QuerySet[Call], field: str, weeks: Sequence[date]
) -> dict[Any, tuple[list[int], list[int]]]:
    """Count each one's calls of each week, and those that were won, in one query."""
    week = TruncWeek("happened_at", tzinfo=timezone.get_current_timezone())
    found = calls.order_by().annotate(week=week).values(field, "week")
    rows = found.annotate(total=Count("pk"), won=Count("pk", filter=WON))
    places = {monday: place for place, monday in enumerate(weeks)}
    counted: dict[Any, tuple[list[int], list[int]]] = defaultdict(
        lambda: ([0] * len(weeks), [0] * len(weeks))
    )
    for row in rows:
        place = places.get(timezone.localdate(row["week"]))
        if place is not None:
            counted[row[field]][0][place] += row["total"]
            counted[row[field]][1][place] += row["won"]
    return counted
