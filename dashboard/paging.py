"""One page of a list that is newest first, found by where the last one ended: as quick on page 1000 as on page 1."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    items: list[M]
    newer: str
    """The cursor for `?after=`; '' on the newest page."""
    older: str
    """The cursor for `?before=`; '' on the oldest page."""


def newest_first(rows: QuerySet[M], *, before: str = "", after: str = "", size: int = 50) -> Page[M]:
    """A page of rows whose ids sort by time (core.ids). A cursor that nobody gave out is no cursor."""
    older_than, newer_than = _read(before), _read(after)
    upwards = newer_than is not None and older_than is None
    if older_than:
        rows = rows.filter(pk__lt=older_than)
    elif newer_than:
        rows = rows.filter(pk__gt=newer_than)
    found = list(rows.order_by("pk" if upwards else "-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if upwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    is_first, is_last = (not more, False) if upwards else (older_than is None, not more)
    return Page(found, "" if is_first else str(found[0].pk), "" if is_last else str(found[-1].pk))


def _read(cursor: str) -> UUID | None:
    try:
        return UUID(cursor)
    except ValueError:
        return None
