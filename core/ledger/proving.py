"""A walk through a vendor's list as proof of its days.

What a walk sees is noted with each batch. Only when it has come to its end is that the vendor's
list of the days that it went through, held against what is in Koppel. A walk that dies leaves notes
that its next attempt goes on with.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from core.ledger.sources import Source
from core.models import Run, SeenNames, SourceDay
from core.runs.attempt import Work

_NOTE: Final = """
INSERT INTO ledger_seen AS s (id, run_id, day, names, left_out)
    VALUES (gen_random_uuid(), %s, %s, %s, %s)
ON CONFLICT (run_id, day) DO UPDATE SET
    names = ARRAY(SELECT DISTINCT unnest(s.names || EXCLUDED.names)),
    left_out = (s.left_out - EXCLUDED.names::text[]) || EXCLUDED.left_out
"""
_COLUMNS: Final = (
    "organization_id",
    "at_vendor",
    "in_koppel",
    "left_out",
    "missing",
    "missing_names",
    "healed",
    "gone",
    "checked_at",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One record that a page showed; `left_out`: why it is not taken, '' where it is."""

    name: str
    day: date
    left_out: str = ""


def note(run: Work, seen: Iterable[Seen]) -> None:
    """Note what a page showed; to be called in the transaction that stores the page."""
    by_day: dict[date, dict[str, str]] = defaultdict(dict)
    for record in seen:
        by_day[record.day][record.name] = record.left_out
    with connection.cursor() as cursor:
        for day in sorted(by_day):
            reasons = {name: reason for name, reason in by_day[day].items() if reason}
            cursor.execute(
                _NOTE, [run.run.pk, day, sorted(by_day[day]), orjson.dumps(reasons).decode()]
            )


def prove(run: Work, source: Source, *, first: date, last: date) -> None:
    """Take what the walk saw of these days for the vendor's list, count them anew,
    and vouch for them.

    Done again for the same walk it writes and says the same.
    """
    noted = SeenNames.objects.filter(run_id=run.run.pk, day__range=(first, last))
    seen = {row.day: row for row in noted}
    subject_id = run.subject_id
    _vouch(run, _count(source, subject_id, run.run.organization_id, seen, first, last))


def record(
    source: Source,
    subject_id: UUID,
    organization_id: UUID | None,
    seen: Iterable[Seen],
    *,
    first: date,
    last: date,
) -> list[SourceDay]:
    """Do the same for a walk that is whole already, of one of the many subjects of a run,
    and return its days.

    The caller vouches. Recorded once before what is missing is fetched and once after,
    it counts that as healed.
    """
    by_day: dict[date, SeenNames] = {}
    for each in seen:
        row = by_day.setdefault(each.day, SeenNames(day=each.day, names=[], left_out={}))
        row.names.append(each.name)
        if each.left_out:
            row.left_out[each.name] = each.left_out
    return _count(source, subject_id, organization_id, by_day, first, last)


def _count(
    source: Source,
    subject_id: UUID,
    organization_id: UUID | None,
    seen: Mapping[date, SeenNames],
    first: date,
    last: date,
) -> list[SourceDay]:
    """Count these days and store them."""
    with transaction.atomic():
        stored: dict[date, set[str]] = defaultdict(set)
        for day, name in source.stored(subject_id, first, last):
            stored[day].add(name)
        earlier = {
            row.day: row for row in _rows(source, subject_id, first, last).select_for_update()
        }
        listed = {name for row in seen.values() for name in row.names}
        in_koppel = {name for names in stored.values() for name in names}
        rows = []
        for day in sorted({*seen, *stored, *earlier}):
            row = _counted(seen.get(day), in_koppel, earlier.get(day))
            row.gone = len(stored[day] - listed)
            row.source, row.subject_id, row.day = source.key, subject_id, day
            row.organization_id = organization_id
            rows.append(row)
        SourceDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["source", "subject_id", "day"],
            update_fields=_COLUMNS,
        )
    return rows


def forget_ended() -> int:
    """Drop what walks have noted that are over, and tell how many days that was."""
    return SeenNames.objects.exclude(run__state__in=Run.OPEN).delete()[0]


def _rows(source: Source, subject_id: UUID, first: date, last: date) -> Any:
    days = SourceDay.objects.filter(
        source=source.key, subject_id=subject_id, day__range=(first, last)
    )
    return days.order_by("day")


def _counted(seen: SeenNames | None, in_koppel: set[str], earlier: SourceDay | None) -> SourceDay:
    """Return the day's numbers. What was missing when it was counted before,
    and is in Koppel now, has healed.
    """
    listed: set[str] = set()
    reasons: dict[str, Any] = {}
    if seen:
        listed, reasons = set(seen.names), seen.left_out
    present = listed & in_koppel
    left_out = Counter(reasons[name] for name in listed - present if name in reasons)
    missing = {name for name in listed - present if name not in reasons}
    healed = 0
    if earlier is not None:
        healed = earlier.healed + len(set(earlier.missing_names) & present)
    return SourceDay(
        at_vendor=len(listed),
        in_koppel=len(present),
        left_out=dict(left_out),
        missing=len(missing),
        missing_names=sorted(missing),
        healed=healed,
        checked_at=timezone.now(),
    )


def _vouch(run: Work, rows: list[SourceDay]) -> None:
    left_out: Counter[str] = Counter()
    for row in rows:
        left_out.update(row.left_out)
    run.vouch(
        at_vendor=sum(row.at_vendor for row in rows),
        in_koppel=sum(row.in_koppel for row in rows),
        left_out=left_out,
        missing=sum(row.missing for row in rows),
        healed=sum(row.healed for row in rows),
        gone=sum(row.gone for row in rows),
    )
