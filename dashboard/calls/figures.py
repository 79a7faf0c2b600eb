"""Statistics of calls over a period, beside the period before: figures, pictures and tables,
by the reader's days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls import breakdowns, grouping, outcomes
from calls import statistics as counting
from calls.breakdowns import Group, Met
from calls.cuts import BEGUN, Cut, Span
from calls.models import Call
from calls.outcomes import Leads, Meetings
from calls.statistics import Statistics
from core.models import User
from dashboard import periods
from dashboard.calls import breakdown_tables, words
from dashboard.calls.breakdown_tables import FEW
from dashboard.calls.forms import LENGTH_WORDS, LENGTHS
from dashboard.calls.library import of_length
from dashboard.calls.statistics_filter import Asked, asked
from dashboard.charts import Series
from dashboard.deltas import Delta, change
from dashboard.navigation import Shell
from dashboard.periods import Period
from dashboard.tables import Table

# Bars of so many days each, for periods up to so long.
STEPS: Final = ((31, 1), (124, 7))
LONGEST_STEP: Final = 28
# A picture has so many bars at most, however long the period is.
MOST_BARS: Final = 60
# In this order on the page.
TABLES: Final = (grouping.REP, grouping.TEAM, grouping.OUTCOME, grouping.SOURCE)


@dataclass(frozen=True)
class Figure:
    """One figure: its value, of what it is, and how it changed."""

    label: str
    value: str
    hint: str = ""
    href: str = ""
    delta: Delta | None = None


@dataclass(frozen=True)
class Bars:
    """What a picture of bars is drawn of."""

    labels: list[str]
    series: list[Series]
    hrefs: list[str]


def page(user: User, shell: Shell, query: QueryDict) -> dict[str, Any]:
    """Return what the page of statistics shows."""
    found, csv = asked(user, shell.scope, query), may_take_along(user, shell)
    period = found.period
    now, before = span_of(period), span_of(period.before())
    counted, former, lengths = counting.count(found.cut, now, before, **lengths_counted())
    teams, met_before = breakdowns.met_beside(found.cut, grouping.TEAM, now, before)
    met = sum((each for _team, _name, each in teams), Meetings())
    figures = counted.beside(met)
    than = period.before_in_words()
    meetings = of_meetings(met, met_before, than, found)
    shown = tables(found, now, before, teams, csv=csv)
    return {
        "period": period,
        "filters": found.form,
        "step": step_of(period),
        "figures": figures,
        "deltas": deltas(figures, former.beside(met_before), than),
        "calls_href": found.calls(),
        "outcomes": [*meetings, won(counted.leads, former.leads, than)],
        "per_day": by_day(found),
        "lengths": by_length(found, lengths),
        # What came of calls stands beside how long they were.
        "by_outcome": shown.pop(grouping.OUTCOME, None),
        "tables": list(shown.values()),
        "is_empty": not figures.total_calls and not meetings,
    }


def may_take_along(user: User, shell: Shell) -> bool:
    """Tell whether they may take figures along: members those that they see;
    of staff, whoever may change calls.
    """
    if shell.is_staff:
        return user.has_perm("calls.change_call")
    return bool(shell.role)


def span_of(period: Period) -> Span:
    return Span(period.since, period.until)


def step_of(period: Period) -> int:
    """Return how many days one bar stands for."""
    longest = max(LONGEST_STEP, -(-period.days // MOST_BARS))
    return next((step for days, step in STEPS if period.days <= days), longest)


def deltas(now: Statistics, before: Statistics, than: str) -> dict[str, Delta | None]:
    """Return how each figure changed against the period before."""
    return {
        "calls": change(now.total_calls, before.total_calls, than=than),
        "length": change(
            now.average_duration_seconds, before.average_duration_seconds, than=than, better=""
        ),
        "attended": change(now.participation_rate, before.participation_rate, than=than),
        "recordings": change(now.recordings_available, before.recordings_available, than=than),
    }


def of_last_month(user: User, scope: UUID | None) -> Statistics:
    """Return the four figures of the last 30 days, for the page of settings."""
    return counting.of(Cut(user, scope), span_of(periods.named("30")))


def of_meetings(now: Meetings, before: Meetings, than: str, found: Asked) -> list[Figure]:
    """Return what became of meetings, beside the period before, each with its list;
    nothing where none was due.
    """
    if not now.total:
        return []
    amounts = [
        (_("Meetings held"), outcomes.COMPLETED, now.completed, before.completed, "more"),
        (_("No-shows"), outcomes.NO_SHOW, now.no_show, before.no_show, "less"),
        (_("Cancelled"), outcomes.CANCELLED, now.cancelled, before.cancelled, "less"),
    ]
    shown = [
        Figure(
            label,
            words.number(count),
            href=found.meetings(became),
            delta=change(count, former, than=than, better=better),
        )
        for label, became, count, former, better in amounts
    ]
    shown.append(
        _rate(
            _("Show rate"),
            (now.completed, now.shown_of),
            _("%(part)s held of %(whole)s held or missed"),
            lambda count: ngettext("%(count)d meeting", "%(count)d meetings", count),
            _change(now.show_rate, now.shown_of, before.show_rate, before.shown_of, than),
        )
    )
    if now.open:
        hint, href = _("nobody said what became of them"), found.meetings(outcomes.OPEN)
        shown.append(Figure(_("Without a result"), words.number(now.open), hint, href))
    return shown


def won(now: Leads, before: Leads, than: str) -> Figure:
    """Return the win rate of the leads who had a call."""
    return _rate(
        _("Win rate"),
        (now.won, now.decided),
        _("%(part)s won of %(whole)s leads with a call that are won or lost"),
        lambda count: ngettext("%(count)d lead won or lost", "%(count)d leads won or lost", count),
        _change(now.win_rate, now.decided, before.win_rate, before.decided, than),
    )


def _rate(label: str, counts: tuple[int, int], base: str, noun: Any, delta: Delta | None) -> Figure:
    """Return a rate with its base beside it; of too few only how many they are."""
    part, whole = counts
    if whole < FEW:
        few = noun(whole) % {"count": whole}
        return Figure(label, "–", _("%(things)s: too few for a rate") % {"things": few})
    hint = base % {"part": words.number(part), "whole": words.number(whole)}
    return Figure(label, words.share(part / whole), hint, delta=delta)


def _change(
    now: float | None, whole: int, before: float | None, former: int, than: str
) -> Delta | None:
    if min(whole, former) < FEW:
        return None
    return change(now, before, than=than)


def by_day(found: Asked) -> Bars:
    """Return how many on each of the reader's days, or in each step of several,
    beside those of the period before.
    """
    period, former = found.period, found.period.before()
    day = TruncDate("happened_at", tzinfo=timezone.get_current_timezone())
    both = span_of(period).beside(span_of(former), "happened_at").both
    calls = found.cut.calls.filter(BEGUN, both)
    counted = dict(calls.annotate(day=day).values_list("day").annotate(count=Count("pk")))
    step = step_of(period)
    steps, steps_before = _steps(period, step), _steps(former, step)
    before: list[float | None] = [_sum(counted, days) for days in steps_before[: len(steps)]]
    before += [None] * (len(steps) - len(before))
    return Bars(
        [_name(days) for days in steps],
        [
            Series(str(_("Before")), before, is_before=True),
            Series(str(_("Calls")), [_sum(counted, days) for days in steps]),
        ],
        [found.calls_of_days(days[0], days[-1]) if _sum(counted, days) else "" for days in steps],
    )


def _steps(period: Period, step: int) -> list[list[date]]:
    if period.first is None:
        return []
    days = [period.first + timedelta(days=number) for number in range(period.days)]
    return [days[at : at + step] for at in range(0, period.days, step)]


def _sum(counted: dict[date, int], days: Sequence[date]) -> int:
    return sum(counted.get(day, 0) for day in days)


def _name(days: Sequence[date]) -> str:
    first = date_format(days[0], "j N")
    if len(days) == 1:
        return first
    return f"{first} – {date_format(days[-1], 'j N')}"


def lengths_counted() -> dict[str, Count]:
    """Return what counts the calls that took place by how long they were."""
    over = BEGUN & Q(status=Call.Status.COMPLETED)
    return {name: Count("pk", filter=over & of_length(name)) for name in LENGTHS}


def by_length(found: Asked, counted: dict[str, int]) -> Bars:
    """Return how many calls that took place were how long."""
    hrefs = [
        found.calls(length=name, state=Call.Status.COMPLETED) if counted[name] else ""
        for name in LENGTHS
    ]
    return Bars(
        [str(word) for word in LENGTH_WORDS.values()],
        [Series(str(_("Calls")), [counted[name] for name in LENGTHS])],
        hrefs,
    )


def tables(
    found: Asked, now: Span, before: Span, teams: list[Met], *, csv: bool
) -> dict[str, Table[Group]]:
    """Return the breakdowns that say something: one team alone, or one source, is no breakdown."""
    counted = breakdowns.several(
        found.cut,
        TABLES,
        now,
        before,
        most={grouping.REP: breakdown_tables.ROWS_SHOWN + 1},
        met={grouping.TEAM: teams},
    )
    return {
        by: breakdown_tables.table(by, groups, found, csv=csv)
        for by, groups in counted.items()
        if len(groups) > 1 or by == grouping.REP
    }


def export(
    user: User, scope: UUID | None, query: QueryDict
) -> tuple[Table[Group], list[Group]] | None:
    """Return one table of an address with all its rows; None for a table that there is not."""
    by = query.get("by", "")
    if by not in TABLES:
        return None
    found = asked(user, scope, query)
    groups = breakdowns.groups(found.cut, by, span_of(found.period), span_of(found.period.before()))
    return breakdown_tables.table(by, groups, found, csv=True), groups
