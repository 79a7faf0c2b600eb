"""Calls counted apart: by rep, by team, by source, by what came of them, by week;
with the span before beside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Avg, Case, CharField, Count, F, Q, Value, When
from django.db.models.functions import TruncWeek
from django.utils import timezone

from calls.cuts import BEGUN, Cut, Span
from calls.models import Call
from calls.outcomes import Leads, Meetings, leads_counted, meetings_by

REP, TEAM, SOURCE, OUTCOME, WEEK = "rep", "team", "source", "outcome", "week"
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
    found = {group.key: group for group in _of_calls(cut, by, span, before, most)}
    if by in WITH_MEETINGS:
        among = None
        if most and len(found) == most:
            among = _of_reps(found)
        _add_meetings(found, met_by(cut, by, span, among) if met is None else met)
    if by == WEEK:
        return sorted(found.values(), key=lambda group: group.key)
    return sorted(
        found.values(),
        key=lambda group: (-group.calls, not group.key, group.name.casefold(), group.key),
    )


def met_by(cut: Cut, by: str, span: Span, among: Q | None = None) -> list[Met]:
    """Return what became of the meetings of a span, apart by rep, by team or by week."""
    nothing = Value("", output_field=CharField())
    key, name = {
        REP: (F("closer__reps"), F("closer__reps__name")),
        TEAM: (F("team_id"), F("team__name")),
        WEEK: (TruncWeek("starts_at", tzinfo=timezone.get_current_timezone()), nothing),
    }[by]
    rows = meetings_by(cut, span, among, group_key=key, group_name=name)
    return [(keys[0], keys[1], counted) for keys, counted in rows]


def _of_reps(keys: Iterable[str]) -> Q:
    wanted = Q(closer__reps__in=[key for key in keys if key])
    if "" in keys:
        wanted |= Q(closer__reps=None)
    return wanted


def _of_calls(cut: Cut, by: str, span: Span, before: Span | None, most: int) -> Iterable[Group]:
    wanted, now = span.of("happened_at"), span.of("happened_at")
    # The weeks of another span are other weeks.
    former = None
    if before is not None and by != WEEK:
        beside = span.beside(before, "happened_at")
        wanted, now, former = beside.both, beside.now, beside.before
    counted: dict[str, Any] = {
        "calls": Count("pk", filter=now or None),
        "seconds": Avg("duration_seconds", filter=now & Q(status=Call.Status.COMPLETED)),
        **leads_counted(now),
    }
    if former is not None:
        counted["calls_before"] = Count("pk", filter=former)
    key, name = _keys(by)
    rows: Any = cut.calls.filter(BEGUN, wanted).annotate(group_key=key, group_name=name)
    rows = rows.values_list("group_key", "group_name").annotate(**counted)
    if most:
        rows = rows.order_by("-calls", "group_name", "group_key")[:most]
    for found, title, calls, seconds, won, lost, total, *calls_before in rows:
        yield Group(
            key=_text(found),
            name=title or _text(found),
            calls=calls,
            calls_before=next(iter(calls_before), None),
            average_duration_seconds=round(seconds or 0),
            leads=Leads(won, lost, total),
        )


def _keys(by: str) -> tuple[Any, Any]:
    """Return what calls are told apart by, and its name. A call in our own room
    is of its meeting's team.
    """
    nothing = Value("", output_field=CharField())
    if by == REP:
        return F("rep_id"), F("rep__name")
    if by == TEAM:
        is_native = Q(source=Call.Source.NATIVE)
        return (
            Case(When(is_native, then=F("appointment__team_id")), default=F("rep__team_id")),
            Case(When(is_native, then=F("appointment__team__name")), default=F("rep__team__name")),
        )
    if by == WEEK:
        return TruncWeek("happened_at", tzinfo=timezone.get_current_timezone()), nothing
    return F(by), nothing


def _add_meetings(found: dict[str, Group], met: Iterable[Met]) -> None:
    for group in found.values():
        group.meetings = Meetings()
    for key, name, counted in met:
        text = _text(key)
        group = found.setdefault(text, Group(text, name or text))
        group.meetings = (group.meetings or Meetings()) + counted


def _text(key: Any) -> str:
    if key is None:
        return ""
    if isinstance(key, datetime):
        return timezone.localtime(key).date().isoformat()
    return str(key)
