"""Statistics of calls over a period: four figures and three pictures, by the reader's days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, CharField, Count, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.access import calls_for
from calls.models import Call
from calls.statistics import Statistics, statistics
from core.models import User
from dashboard.calls.forms import first_moment
from dashboard.charts import Series

# Of those with the most calls.
REPS_SHOWN: Final = 8


@dataclass(frozen=True)
class Period:
    key: str
    name: str | Promise
    days: int
    step: int
    """How many days one bar stands for."""


PERIODS: Final = (
    Period("week", _("7 days"), 7, 1),
    Period("month", _("30 days"), 30, 1),
    Period("quarter", _("12 weeks"), 84, 7),
    Period("year", _("52 weeks"), 364, 28),
)
# Below how many minutes; the last one has no end.
LENGTHS: Final[tuple[tuple[int, str | Promise], ...]] = (
    (10, _("under 10 min")),
    (20, _("10–20")),
    (40, _("20–40")),
    (60, _("40–60")),
    (0, _("1 h and more")),
)


@dataclass(frozen=True)
class Span:
    """Whole days of the reader, today the last of them; up to now."""

    first: date
    since: datetime
    until: datetime

    @classmethod
    def of(cls, period: Period) -> "Span":
        first = timezone.localdate() - timedelta(days=period.days - 1)
        return cls(first, first_moment(first), timezone.now())


def chosen(key: str) -> Period:
    """The period of this name; 30 days for any other."""
    return next((period for period in PERIODS if period.key == key), PERIODS[1])


def page(user: User, scope: UUID | None, key: str) -> dict[str, Any]:
    """What the page of statistics shows."""
    period = chosen(key)
    span = Span.of(period)
    calls = calls_for(user, scope).filter(happened_at__gte=span.since, happened_at__lt=span.until)
    calls = calls.filter(started_at__isnull=False).order_by()
    labels, counts = by_day(calls, span, period)
    return {
        "period": period,
        "periods": PERIODS,
        "figures": figures(user, scope, span),
        "days": labels,
        "counts": [Series(str(_("Calls")), counts)],
        "lengths": [str(word) for _minutes, word in LENGTHS],
        "length_counts": [Series(str(_("Calls")), by_length(calls))],
        "reps": by_rep(calls),
    }


def figures(user: User, scope: UUID | None, span: Span) -> Statistics:
    return statistics(user, span.since, span.until, scope)


def of_last_month(user: User, scope: UUID | None) -> Statistics:
    """The four figures of the last 30 days, for the page of settings."""
    return figures(user, scope, Span.of(PERIODS[1]))


def by_day(calls: QuerySet[Call], span: Span, period: Period) -> tuple[list[str], list[int]]:
    """How many on each of the reader's days, or in each step of several; a day without any counts as 0."""
    day = TruncDate("happened_at", tzinfo=timezone.get_current_timezone())
    found = dict(calls.annotate(day=day).values_list("day").annotate(count=Count("pk")))
    days = [span.first + timedelta(days=number) for number in range(period.days)]
    steps = [days[at : at + period.step] for at in range(0, period.days, period.step)]
    return [_name(step) for step in steps], [sum(found.get(day, 0) for day in step) for step in steps]


def _name(days: Sequence[date]) -> str:
    first = date_format(days[0], "j N")
    return first if len(days) == 1 else f"{first} – {date_format(days[-1], 'j N')}"


def by_length(calls: QuerySet[Call]) -> list[int]:
    """How many calls that took place were how long."""
    cases = [When(duration_seconds__lt=minutes * 60, then=Value(str(minutes))) for minutes, _word in LENGTHS[:-1]]
    completed = calls.filter(status=Call.Status.COMPLETED, duration_seconds__isnull=False)
    group = Case(*cases, default=Value("0"), output_field=CharField())
    found = dict(completed.annotate(group=group).values_list("group").annotate(count=Count("pk")))
    return [found.get(str(minutes), 0) for minutes, _word in LENGTHS]


def by_rep(calls: QuerySet[Call]) -> list[tuple[str, int]]:
    """Who had the most."""
    named = calls.filter(rep__isnull=False).values_list("rep__name", "rep_id").annotate(count=Count("pk"))
    return [(name, count) for name, _rep, count in named.order_by("-count", "rep__name", "rep_id")[:REPS_SHOWN]]
