"""Days of the ledger, for pages and answers."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from core.models import SourceDay


@dataclass(frozen=True, slots=True)
class Sums:
    """Several days together. `checked_at`: of the day whose check is the oldest;
    None where there is no day.
    """

    at_vendor: int
    in_koppel: int
    left_out: dict[str, int]
    missing: int
    healed: int
    gone: int
    checked_at: datetime | None

    @property
    def left_out_total(self) -> int:
        return sum(self.left_out.values())


def days(
    source: str, subject_ids: Collection[UUID], first: date, last: date
) -> QuerySet[SourceDay]:
    """Return the days of these subjects, the newest first.
    The caller says whose subjects a person may see.
    """
    found = SourceDay.objects.filter(
        source=source, subject_id__in=subject_ids, day__range=(first, last)
    )
    return found.order_by("-day", "subject_id")


def sums(rows: Iterable[SourceDay]) -> Sums:
    """Add the days up."""
    rows = list(rows)
    left_out: Counter[str] = Counter()
    for row in rows:
        left_out.update(row.left_out)
    return Sums(
        at_vendor=sum(row.at_vendor for row in rows),
        in_koppel=sum(row.in_koppel for row in rows),
        left_out=dict(left_out),
        missing=sum(row.missing for row in rows),
        healed=sum(row.healed for row in rows),
        gone=sum(row.gone for row in rows),
        checked_at=min((row.checked_at for row in rows), default=None),
    )
