"""A walk through a vendor's list as proof of its days.

What a walk sees is noted with each batch. Only when it has come to its end is that the vendor's list of the days that
it went through, held against what is in Koppel. A walk that dies leaves notes that its next attempt goes on with.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from core.ledger.sources import IN_KOPPEL, Source
from core.models import Run, SeenNames, SourceDay
from core.runs.attempt import Work

_NOTE: Final = """
INSERT INTO ledger_seen AS s (id, run_id, day, names) VALUES (gen_random_uuid(), %s, %s, %s)
ON CONFLICT (run_id, day) DO UPDATE SET names = ARRAY(SELECT DISTINCT unnest(s.names || EXCLUDED.names))
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


def note(run: Work, seen: Iterable[tuple[str, date]]) -> None:
    """Note the names and days of what a page showed; to be called in the transaction that stores the page."""
    by_day: dict[date, set[str]] = defaultdict(set)
    for name, day in seen:
        by_day[day].add(name)
    with connection.cursor() as cursor:
        for day in sorted(by_day):
            cursor.execute(_NOTE, [run.run.pk, day, sorted(by_day[day])])


def prove(run: Work, source: Source, *, first: date, last: date) -> None:
    """Take what the walk saw of these days for the vendor's list, count them anew, and vouch for them.

    Done again for the same walk it writes and says the same.
    """
    subject_id = run.subject_id
    with transaction.atomic():
        seen = _seen(run, first, last)
        became = source.became(subject_id, {name for names in seen.values() for name in names})
        stored: dict[date, set[str]] = defaultdict(set)
        for day, name in source.stored(subject_id, first, last):
            stored[day].add(name)
        earlier = {row.day: row for row in _rows(source, subject_id, first, last).select_for_update()}
        everything = set().union(*seen.values())
        rows = []
        for day in sorted({*seen, *stored, *earlier}):
            row = _counted(seen.get(day, set()), became, earlier.get(day))
            row.gone = len(stored[day] - everything)
            row.source, row.subject_id, row.day = source.key, subject_id, day
            row.organization_id = run.run.organization_id
            rows.append(row)
        SourceDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["source", "subject_id", "day"],
            update_fields=_COLUMNS,
        )
    _vouch(run, rows)


def forget_ended() -> int:
    """Drop what walks have noted that are over, and tell how many days that was."""
    return SeenNames.objects.exclude(run__state__in=Run.OPEN).delete()[0]


def _seen(run: Work, first: date, last: date) -> dict[date, set[str]]:
    rows = SeenNames.objects.filter(run_id=run.run.pk, day__range=(first, last))
    return {day: set(names) for day, names in rows.values_list("day", "names")}


def _rows(source: Source, subject_id: UUID, first: date, last: date) -> Any:
    days = SourceDay.objects.filter(source=source.key, subject_id=subject_id, day__range=(first, last))
    return days.order_by("day")


def _counted(names: set[str], became: Mapping[str, str], earlier: SourceDay | None) -> SourceDay:
    """Return the day's numbers. What was missing when it was counted before, and is not now, has healed."""
    missing = {name for name in names if name not in became}
    reasons = Counter(became[name] for name in names - missing)
    in_koppel = reasons.pop(IN_KOPPEL, 0)
    healed = 0
    if earlier is not None:
        healed = earlier.healed + len(set(earlier.missing_names) & (names - missing))
    return SourceDay(
        at_vendor=len(names),
        in_koppel=in_koppel,
        left_out=dict(reasons),
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
