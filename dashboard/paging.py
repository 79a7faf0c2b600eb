"""One page of a list that is newest first, found by where the last one ended: as quick on page 1000 as on page 1."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A moment in microseconds, and the id of the row that has it.
MOMENT: Final = re.compile(r"(\d{1,17})-([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True)
class Page(Generic[M]):
    items: list[M]
    newer: str
    """The cursor for `?after=`; '' on the newest page."""
    older: str
    """The cursor for `?before=`; '' on the oldest page."""


def newest_first(rows: QuerySet[M], *, before: str = "", after: str = "", size: int = 50) -> Page[M]:
    """A page of rows whose ids sort by time (core.ids). A cursor that nobody gave out is no cursor."""
    older_than, newer_than = _id(before), _id(after)
    upwards = newer_than is not None and older_than is None
    if older_than:
        rows = rows.filter(pk__lt=older_than)
    elif newer_than:
        rows = rows.filter(pk__gt=newer_than)
    found = rows.order_by("pk" if upwards else "-pk")
    return _page(found, size, upwards=upwards, is_first=older_than is None, cursor=lambda row: str(row.pk))


def newest_by(field: str, rows: QuerySet[M], *, before: str = "", after: str = "", size: int = 50) -> Page[M]:
    """A page of rows that a time orders, and their ids where it is the same one; an index over both serves it."""
    older_than, newer_than = _moment(before), _moment(after)
    upwards = newer_than is not None and older_than is None
    if place := older_than or newer_than:
        rows = _beyond(rows, field, place, "gt" if upwards else "lt")
    sign = "" if upwards else "-"
    found = rows.order_by(f"{sign}{field}", f"{sign}pk")
    return _page(found, size, upwards=upwards, is_first=older_than is None, cursor=lambda row: _place(row, field))


def _page(rows: QuerySet[M], size: int, *, upwards: bool, is_first: bool, cursor: Callable[[M], str]) -> Page[M]:
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if upwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    first, last = (not more, False) if upwards else (is_first, not more)
    return Page(found, "" if first else cursor(found[0]), "" if last else cursor(found[-1]))


def _beyond(rows: QuerySet[M], field: str, place: tuple[datetime, UUID], way: str) -> QuerySet[M]:
    moment, key = place
    # The first condition alone says where the index begins; the second leaves out what shares the moment.
    return rows.filter(**{f"{field}__{way}e": moment}).filter(
        Q(**{f"{field}__{way}": moment}) | Q(**{f"pk__{way}": key})
    )


def _place(row: Any, field: str) -> str:
    return f"{(getattr(row, field) - EPOCH) // timedelta(microseconds=1)}-{row.pk.hex}"


def _moment(cursor: str) -> tuple[datetime, UUID] | None:
    found = MOMENT.fullmatch(cursor)
    return (EPOCH + timedelta(microseconds=int(found[1])), UUID(found[2])) if found else None


def _id(cursor: str) -> UUID | None:
    try:
        return UUID(cursor)
    except ValueError:
        return None
