"""One page of a list in the order of time, found by where the last one ended:
as quick on page 1000 as on page 1.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from core.postgres import partitions
from core.quick import quickly

M = TypeVar("M", bound=Model)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The number of a row.
NUMBER: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
# A moment in microseconds, and the id of the row that has it.
MOMENT: Final = re.compile(r"(\d{1,17})-([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True)
class Page(Generic[M]):
    items: list[M]
    newer: str
    """The cursor for `?after=`; '' on the newest page."""
    older: str
    """The cursor for `?before=`; '' on the oldest page."""
    by_name: bool = False
    """Whether names order it: what follows is then no newer than what came before."""


def newest_first(
    rows: QuerySet[M],
    *,
    before: str = "",
    after: str = "",
    size: int = 50,
    oldest_first: bool = False,
) -> Page[M]:
    """Return a page of rows whose ids sort by time (core.ids).

    A cursor that nobody gave out is no cursor.
    """
    way = Way.of(_id(before), _id(after), oldest_first=oldest_first)
    if way.place:
        rows = rows.filter(**{f"pk__{way.comparison}": way.place})
    return _page(rows.order_by(f"{way.sign}pk"), size, way, lambda row: str(row.pk))


def newest_by(
    field: str,
    rows: QuerySet[M],
    *,
    before: str = "",
    after: str = "",
    size: int = 50,
    oldest_first: bool = False,
) -> Page[M]:
    """Return a page of rows that a time orders, and their ids where it is the same one.

    An index over both serves it.
    """
    way = Way.of(_moment(before), _moment(after), oldest_first=oldest_first)
    if way.place:
        rows = _beyond(rows, field, way.place, way.comparison)
    found = rows.order_by(f"{way.sign}{field}", f"{way.sign}pk")
    return _page(found, size, way, lambda row: _place(row, field))


def of_log(
    column: str,
    rows: QuerySet[M],
    *,
    before: str = "",
    since: datetime | None = None,
    size: int = 50,
) -> Page[M]:
    """Return a page of a log that is kept by days, newest first.

    It leads on to what is older; back is the browser's way.
    """
    place = _moment(before)
    found = list(partitions.newest(rows, size + 1, column=column, before=place, since=since))
    older = ""
    if len(found) > size:
        older = _place(found[size - 1], column)
    return Page(found[:size], "", older)


def by_name(
    field: str, rows: QuerySet[M], *, before: str = "", after: str = "", size: int = 50
) -> Page[M]:
    """Return a page of rows in the order of a text that no two of them share.

    The cursor is the id of the row beside it.
    """
    way = Way.of(_id(before), _id(after), oldest_first=True)
    if way.place:
        beside = rows.model._default_manager.filter(pk=way.place).values(field)
        rows = rows.filter(**{f"{field}__{way.comparison}": beside})
    found = _page(rows.order_by(f"{way.sign}{field}"), size, way, lambda row: str(row.pk))
    return replace(found, by_name=True)


def by_number(rows: QuerySet[M], *, before: str = "", after: str = "", size: int = 50) -> Page[M]:
    """Return a page of rows in whatever order, found by the number of its first row:
    for people, who are not many.
    """
    entered = after or before
    first = int(entered) if NUMBER.fullmatch(entered) else 0
    found = list(rows[first : first + size + 1])
    following, previous = "", ""
    if len(found) > size:
        following = str(first + size)
    if first:
        previous = str(max(first - size, 0))
    return Page(found[:size], following, previous, by_name=True)


def by_text(
    field: str,
    rows: QuerySet[M],
    *,
    before: str = "",
    after: str = "",
    size: int = 50,
    descending: bool = False,
) -> Page[M]:
    """Return a page of rows in the order of a text that several may share,
    and of their ids where it is the same.
    """
    way = Way.of(_id(before), _id(after), oldest_first=not descending)
    if way.place:
        beside = rows.model._default_manager.filter(pk=way.place).values(field)[:1]
        beyond = Q(**{f"{field}__{way.comparison}": beside})
        rows = rows.filter(beyond | Q(**{field: beside, f"pk__{way.comparison}": way.place}))
    found = _page(
        rows.order_by(f"{way.sign}{field}", f"{way.sign}pk"), size, way, lambda row: str(row.pk)
    )
    return replace(found, by_name=True)


@dataclass(frozen=True)
class Way:
    """In which direction a page is read from its place, and in which its rows then stand."""

    place: Any
    ascending: bool
    oldest_first: bool

    @classmethod
    def of(cls, before: Any, after: Any, *, oldest_first: bool) -> "Way":
        """Go on from the page before; or back from the page after it,
        which is read the other way round.
        """
        ahead, back = before, after
        if oldest_first:
            ahead, back = after, before
        if ahead is None and back is not None:
            return cls(back, ascending=not oldest_first, oldest_first=oldest_first)
        return cls(ahead, ascending=oldest_first, oldest_first=oldest_first)

    @property
    def comparison(self) -> str:
        if self.ascending:
            return "gt"
        return "lt"

    @property
    def sign(self) -> str:
        if self.ascending:
            return ""
        return "-"

    @property
    def is_back(self) -> bool:
        return self.ascending != self.oldest_first


def _page(rows: QuerySet[M], size: int, way: Way, cursor: Callable[[M], str]) -> Page[M]:
    found = list(quickly(rows)[: size + 1])
    more, found = len(found) > size, found[:size]
    if way.is_back:
        found.reverse()
    if not found:
        return Page([], "", "")
    is_first, is_last = way.place is None, not more
    if way.is_back:
        is_first, is_last = not more, False
    previous = following = ""
    if not is_first:
        previous = cursor(found[0])
    if not is_last:
        following = cursor(found[-1])
    if way.oldest_first:
        return Page(found, following, previous)
    return Page(found, previous, following)


def _beyond(rows: QuerySet[M], field: str, place: tuple[datetime, UUID], way: str) -> QuerySet[M]:
    moment, key = place
    # The first condition alone says where the index begins;
    # the second leaves out what shares the moment.
    return rows.filter(**{f"{field}__{way}e": moment}).filter(
        Q(**{f"{field}__{way}": moment}) | Q(**{f"pk__{way}": key})
    )


def _place(row: Any, field: str) -> str:
    return f"{(getattr(row, field) - EPOCH) // timedelta(microseconds=1)}-{row.pk.hex}"


def _moment(cursor: str) -> tuple[datetime, UUID] | None:
    found = MOMENT.fullmatch(cursor)
    if not found:
        return None
    return (EPOCH + timedelta(microseconds=int(found[1])), UUID(found[2]))


def _id(cursor: str) -> UUID | None:
    try:
        return UUID(cursor)
    except ValueError:
        return None
