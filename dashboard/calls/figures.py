"""Statistics of calls over a period: four figures and three pictures, by the reader's days."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, CharField, Count, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.access import calls_for
from calls.models import Call
from calls.statistics import Statistics, statistics
from core.models import User
from dashboard import periods
from dashboard.calls import library
from dashboard.charts import Series
from dashboard.deltas import Delta, change
from dashboard.periods import Period

# Of those with the most calls.
REPS_SHOWN: Final = 8


# Below how many minutes; the last one has no end.
LENGTHS: Final[tuple[tuple[int, str | Promise], ...]] = (
    (10, _("under 10 min")),
    (20, _("10–20")),
    (40, _("20–40")),
    (60, _("40–60")),
    (0, _("1 h and more")),
)


# Bars of so many days each, for periods up to so long.
STEPS: Final = ((31, 1), (124, 7))
LONGEST_STEP: Final = 28


def page(user: User, scope: UUID | None, query: QueryDict) -> dict[str, Any]:
    """What the page of statistics shows."""
    period = periods.asked(query, "30")
    calls = library.within(calls_for(user, scope), period).filter(happened_at__lt=timezone.now())
    calls = calls.filter(started_at__isnull=False).order_by()
    labels, counts = by_day(calls, period)
    now, before = figures(user, scope, period), figures(user, scope, period.before())
    return {
        "period": period,
        "step": step_of(period),
        "figures": now,
        "deltas": deltas(now, before, period),
        "days": labels,
        "counts": [Series(str(_("Calls")), counts)],
        "lengths": [str(word) for _minutes, word in LENGTHS],
        "length_counts": [Series(str(_("Calls")), by_length(calls))],
        "reps": by_rep(calls),
    }


def step_of(period: Period) -> int:
    """How many days one bar stands for."""
    return next((step for longest, step in STEPS if period.days <= longest), LONGEST_STEP)


def figures(user: User, scope: UUID | None, period: Period) -> Statistics:
    until = None
    if period.until:
        until = min(period.until, timezone.now())
    return statistics(user, period.since, until, scope)


def deltas(now: Statistics, before: Statistics, period: Period) -> dict[str, Delta | None]:
    """How each figure changed against the period before."""
    than = period.before_in_words()
    return {
        "calls": change(now.total_calls, before.total_calls, than=than),
        "length": change(now.average_duration_seconds, before.average_duration_seconds, than=than, better=""),
        "attended": change(now.participation_rate, before.participation_rate, than=than),
        "recordings": change(now.recordings_available, before.recordings_available, than=than),
    }


def of_last_month(user: User, scope: UUID | None) -> Statistics:
    """The four figures of the last 30 days, for the page of settings."""
    return figures(user, scope, periods.named("30"))


def by_day(calls: QuerySet[Call], period: Period) -> tuple[list[str], list[int]]:
    """How many on each of the reader's days, or in each step of several; a day without any counts as 0."""
    if period.first is None:
        return [], []
    day = TruncDate("happened_at", tzinfo=timezone.get_current_timezone())
    found = dict(calls.annotate(day=day).values_list("day").annotate(count=Count("pk")))
    days = [period.first + timedelta(days=number) for number in range(period.days)]
    step = step_of(period)
    steps = [days[at : at + step] for at in range(0, period.days, step)]
    return [_name(step) for step in steps], [sum(found.get(day, 0) for day in step) for step in steps]


def _name(days: Sequence[date]) -> str:
    first = date_format(days[0], "j N")
    if len(days) == 1:
        return first
    return f"{first} – {date_format(days[-1], 'j N')}"


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
