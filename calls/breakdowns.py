"""Calls counted apart: by rep, by team, by source, by what came of them, by week;
with the span before beside.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import BooleanField, Case, CharField, DateField, F, Q, Value, When
from django.db.models.functions import TruncWeek
from django.utils import timezone

from calls import grouping
from calls.cuts import Cut, Span
from calls.grouping import OUTCOME, REP, SOURCE, TEAM, WEEK
from calls.outcomes import Leads, Meetings, meetings_by

KINDS: Final = (REP, TEAM, SOURCE, OUTCOME, WEEK)
# Meetings have these alone.
WITH_MEETINGS: Final = (REP, TEAM, WEEK)
# A key, its name, and what became of its meetings.
Met = tuple[Any, str | None, Meetings]


@dataclass(slots=True)
class Group:
    """What one rep, team, source, outcome or week had. Its key is '' where a call has
    none of the kind.
    """

    key: str
    name: str = ""
    calls: int = 0
    # None where there is no span to compare with.
    calls_before: int | None = None
    average_duration_seconds: int = 0
    leads: Leads = field(default_factory=Leads)
    meetings: Meetings | None = None


def groups(
    cut: Cut,
    by: str,
    span: Span,
    before: Span | None = None,
    *,
    most: int = 0,
    met: Iterable[Met] | None = None,
) -> list[Group]:
    """Count the calls of a span, those with the most first; weeks follow each other.

    `most` says how many are wanted of those with the most calls.
    `met` are the meetings of the span by the same keys, for whoever has read them already.
    """
    (found,) = several(cut, [by], span, before, most={by: most}, met={by: met}).values()
    return found


def several(
    cut: Cut,
    kinds: Sequence[str],
    span: Span,
    before: Span | None = None,
    *,
    most: Mapping[str, int],
    met: Mapping[str, Iterable[Met] | None],
) -> dict[str, list[Group]]:
    """Return the groups of several kinds, their calls counted by one statement."""
    found: dict[str, dict[str, Group]] = {by: {} for by in kinds}
    for row in grouping.count(cut, kinds, span, before, most):
        found[row.kind][row.key] = _group(row, is_beside=before is not None and row.kind != WEEK)
    return {
        by: _in_order(by, _with_meetings(cut, by, span, groups, most.get(by, 0), met.get(by)))
        for by, groups in found.items()
    }


def met_by(cut: Cut, by: str, span: Span, among: Q | None = None) -> list[Met]:
    """Return what became of the meetings of a span, apart by rep, by team or by week."""
    key, name = _met_keys(by)
    rows = meetings_by(cut, span.of("starts_at") & (among or Q()), group_key=key, group_name=name)
    return [(keys[0], keys[1], counted) for keys, counted in rows]


def met_beside(cut: Cut, by: str, span: Span, before: Span) -> tuple[list[Met], Meetings]:
    """Return what became of the meetings of a span, apart, and of all those of the span before:
    by one statement.
    """
    key, name = _met_keys(by)
    beside = span.beside(before, "starts_at")
    is_before = Case(When(beside.before, then=True), default=False, output_field=BooleanField())
    rows = meetings_by(cut, beside.both, group_key=key, group_name=name, is_before=is_before)
    met, former = [], Meetings()
    for (found, title, was_before), counted in rows:
        if was_before:
            former += counted
        else:
            met.append((found, title, counted))
    return met, former


def _met_keys(by: str) -> tuple[Any, Any]:
    zone = timezone.get_current_timezone()
    nothing = Value("", output_field=CharField())
    return {
        REP: (F("closer__reps"), F("closer__reps__name")),
        TEAM: (F("team_id"), F("team__name")),
        WEEK: (TruncWeek("starts_at", tzinfo=zone, output_field=DateField()), nothing),
    }[by]


def _group(row: grouping.Row, *, is_beside: bool) -> Group:
    calls_before = None
    if is_beside:
        calls_before = row.calls_before
    return Group(
        key=row.key,
        name=row.name or row.key,
        calls=row.calls,
        calls_before=calls_before,
        average_duration_seconds=round(row.seconds or 0),
        leads=Leads(row.won, row.lost, row.leads),
    )


def _with_meetings(
    cut: Cut,
    by: str,
    span: Span,
    found: dict[str, Group],
    most: int,
    met: Iterable[Met] | None,
) -> Collection[Group]:
    """Add what became of meetings to the groups of calls, and groups that had meetings alone."""
    if by not in WITH_MEETINGS:
        return found.values()
    among = None
    if most and len(found) == most:
        among = _of_reps(found)
    for group in found.values():
        group.meetings = Meetings()
    if met is None:
        met = met_by(cut, by, span, among)
    for key, name, counted in met:
        text = _text(key)
        group = found.setdefault(text, Group(text, name or text))
        group.meetings = (group.meetings or Meetings()) + counted
    return found.values()


def _in_order(by: str, found: Collection[Group]) -> list[Group]:
    if by == WEEK:
        return sorted(found, key=lambda group: group.key)
    return sorted(
        found, key=lambda group: (-group.calls, not group.key, group.name.casefold(), group.key)
    )


def _of_reps(keys: Iterable[str]) -> Q:
    wanted = Q(closer__reps__in=[key for key in keys if key])
    if "" in keys:
        wanted |= Q(closer__reps=None)
    return wanted


def _text(key: Any) -> str:
    if key is None:
        return ""
    return str(key)
