"""Calls of a span and of the one before, counted by several keys in one statement.

Who sees which calls is the ORM's: its statement is compiled once, and PostgreSQL groups
what it finds by each key in turn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Case, CharField, DateField, F, Q, Value, When
from django.db.models.functions import TruncWeek
from django.utils import timezone

from calls.cuts import BEGUN, Beside, Cut, Span
from calls.models import Call
from crm.models import Lead

REP, TEAM, SOURCE, OUTCOME, WEEK = "rep", "team", "source", "outcome", "week"
NO_NAME: Final = Value("", output_field=CharField())
_COUNT: Final = """
WITH seen AS ({calls}),
grouped AS (
    SELECT GROUPING({keys}) AS kind,
        COALESCE({texts}, '') AS key,
        CASE GROUPING({keys}) {names} END AS name,
        count(*) FILTER (WHERE is_now) AS calls,
        count(*) FILTER (WHERE is_before) AS calls_before,
        avg(seconds) FILTER (WHERE is_now AND is_over) AS seconds,
        count(DISTINCT lead_key) FILTER (WHERE is_now AND lead_state = '{won}') AS won,
        count(DISTINCT lead_key) FILTER (WHERE is_now AND lead_state = '{lost}') AS lost,
        count(DISTINCT lead_key) FILTER (WHERE is_now) AS leads
    FROM seen GROUP BY GROUPING SETS ({sets})
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY calls DESC, name, key) AS place
    FROM grouped
)
SELECT kind, key, name, calls, calls_before, seconds, won, lost, leads
FROM placed WHERE place <= CASE kind {limits} END
"""
# More groups than anything has.
_ALL: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """What the calls with one key of one kind add up to."""

    kind: str
    # '' of the calls that have none of the kind.
    key: str
    name: str | None
    calls: int
    calls_before: int
    seconds: Decimal | None
    won: int
    lost: int
    leads: int


def count(
    cut: Cut, kinds: Sequence[str], span: Span, before: Span | None, most: Mapping[str, int]
) -> Iterator[Row]:
    """Count the calls by each of these kinds.

    `most` says of a kind how many are wanted of those with the most calls.
    """
    try:
        calls, values = _calls(cut, kinds, span, before).query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute(_statement(str(calls), kinds, most), values)
        rows = cursor.fetchall()
    of_mask = {_mask(kinds, kind): kind for kind in kinds}
    for mask, *found in rows:
        yield Row(of_mask[mask], *found)


def _calls(cut: Cut, kinds: Sequence[str], span: Span, before: Span | None) -> Any:
    """Return the calls as rows of what is counted."""
    beside = Beside(span.of("happened_at"), span.of("happened_at"), Q())
    is_before: Any = Value(value=False)
    # The weeks of another span are other weeks.
    if before is not None and WEEK not in kinds:
        beside = span.beside(before, "happened_at")
        is_before = _whether(beside.before)
    columns: dict[str, Any] = {
        "is_now": _whether(beside.now),
        "is_before": is_before,
        "is_over": _whether(Q(status=Call.Status.COMPLETED)),
        "seconds": F("duration_seconds"),
        "lead_key": F("lead_id"),
        "lead_state": F("lead__status"),
    }
    for kind in kinds:
        columns[f"{kind}_key"], columns[f"{kind}_name"] = _key_and_name(kind)
    rows = cut.calls.filter(BEGUN, beside.both).annotate(**columns)
    return rows.values_list(*columns)


def _whether(condition: Q) -> Any:
    if not condition:
        return Value(value=True)
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def _key_and_name(kind: str) -> tuple[Any, Any]:
    """Return what calls are told apart by, and its name. A call in our own room
    is of its meeting's team.
    """
    if kind == REP:
        return F("rep_id"), F("rep__name")
    if kind == TEAM:
        is_native = Q(source=Call.Source.NATIVE)
        return (
            Case(When(is_native, then=F("appointment__team_id")), default=F("rep__team_id")),
            Case(When(is_native, then=F("appointment__team__name")), default=F("rep__team__name")),
        )
    if kind == WEEK:
        zone = timezone.get_current_timezone()
        return TruncWeek("happened_at", tzinfo=zone, output_field=DateField()), NO_NAME
    return F(kind), NO_NAME


def _statement(calls: str, kinds: Sequence[str], most: Mapping[str, int]) -> str:
    keys = [f"{kind}_key" for kind in kinds]
    masks = {kind: _mask(kinds, kind) for kind in kinds}
    limits = [f"WHEN {mask} THEN {most.get(kind) or _ALL}" for kind, mask in masks.items()]
    return _COUNT.format(
        calls=calls,
        keys=", ".join(keys),
        # Where calls are grouped by one key, the others are NULL.
        texts=", ".join(f"{key}::text" for key in keys),
        names=" ".join(f"WHEN {mask} THEN max({kind}_name)" for kind, mask in masks.items()),
        sets=", ".join(f"({key})" for key in keys),
        limits=" ".join(limits),
        won=Lead.Status.WON.value,
        lost=Lead.Status.LOST.value,
    )


def _mask(kinds: Sequence[str], kind: str) -> int:
    """Return GROUPING's number of the groups of this kind: each key has a bit, the first
    the highest, that is 0 where the key is grouped by.
    """
    place = len(kinds) - 1 - kinds.index(kind)
    return (1 << len(kinds)) - 1 - (1 << place)
