"""The vendor's side: its log of events, and the replies that it lists as interested, back to a day.

Both come newest first. Where they do not, they are read to their end:
a day is known whole, or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import lists
from bison.client import VENDOR, Odd
from bison.lists import KeepsChanging
from bison.session import KeyOfAnother, Session, WrongWorkspace
from bison.syncs import reading, replies
from bison.webhooks import events
from core.errors import Temporary
from core.words import moments

PAGES_AT_ONCE: Final = 20
# More events than any workspace has in ten days.
MOST_PAGES: Final = 20_000
TRIES: Final = 3
NOT_TO_ITS_END: Final = _(
    "The log of events at %(vendor)s is longer than Koppel reads. Nothing was proved."
)
# The log keeps ten days; the first of them is not whole any more.
WHOLE_DAYS: Final = 10


class TooMany(Temporary):
    """The log of events is longer than it is read: of what was not read nothing is proved."""

    text = NOT_TO_ITS_END


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows, known to be of the right workspace, and when the vendor was asked for them."""

    items: Sequence[Mapping[str, Any]] = field(repr=False)
    asked_at: datetime
    # How many rows the vendor said meanwhile that the whole list has.
    totals: frozenset[int | None] = frozenset()


def event_log(at: Session, first: date) -> Iterator[Rows]:
    """Give the log's rows of these days, in pieces."""
    cursor, pages = "", 0
    goes_on = _Until(first, lambda row: moments.read(row.get("created_at")))
    while True:
        asked_at = timezone.now()
        part = at.confirmed(partial(_read_log, cursor=cursor, goes_on=goes_on))
        goes_on = part.goes_on
        yield Rows([row for row in part.items if goes_on.is_within(row)], asked_at)
        pages += PAGES_AT_ONCE
        if not part.cursor or goes_on.is_over:
            return
        if pages > MOST_PAGES:
            raise TooMany(VENDOR)
        if part.cursor == cursor:
            raise Odd(VENDOR)
        cursor = part.cursor


def interested(at: Session, first: date) -> list[Rows]:
    """Return the replies of these days that the vendor lists as interested.

    Whether the vendor kept to the filter is looked at in each row. A list that changed while it was
    read is read again: of what went meanwhile something else may have taken the place.
    """
    for _try in range(TRIES):
        pieces: list[Rows] = []
        totals: set[int | None] = set()
        for piece in _interested(at, first):
            pieces.append(piece)
            totals |= piece.totals
        if len(totals) <= 1:
            return pieces
    raise KeepsChanging(VENDOR)


def _interested(at: Session, first: date) -> Iterator[Rows]:
    goes_on = _Until(first, replies.moment_of)
    seen: set[int | None] = set()
    asked_at = timezone.now()
    for piece in lists.pieces(at, "/replies", {"status": "interested"}):
        rows = [row for row in piece.items if isinstance(row, Mapping)]
        goes_on.see(rows)
        kept = [
            row for row in rows if reading.flag(row.get("interested")) and goes_on.is_within(row)
        ]
        seen |= {reading.number_of(row) for row in rows}
        totals = {piece.total, piece.total if piece.is_steady else None}
        if piece.is_last and not goes_on.is_over:
            # One that breaks off, or shows a page twice, has fewer than it says.
            totals.add(len(seen))
        yield Rows(kept, asked_at, frozenset(totals))
        if goes_on.is_over:
            return
        asked_at = timezone.now()


class _Until:
    """Tells when a list that comes newest first is past a day, and which rows belong to the days
    that are wanted.
    """

    def __init__(self, first: date, moment: Callable[[Mapping[str, Any]], datetime | None]) -> None:
        self.first = first
        self.moment = moment
        self.is_over = False
        self._is_in_order = True
        self._latest: datetime | None = None

    def see(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Look at rows in the order in which they came."""
        for row in rows:
            moment = self.moment(row)
            if moment is None:
                continue
            if self._latest is not None and moment > self._latest:
                self._is_in_order = False
            self._latest = moment
        is_before = self._latest is not None and self._latest.date() < self.first
        self.is_over = self._is_in_order and is_before

    def is_within(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a row is of the days that are wanted;
        of what has no time nobody can say a day.
        """
        moment = self.moment(row)
        return moment is not None and moment.date() >= self.first


@dataclass(frozen=True, slots=True)
class _Part:
    items: Sequence[Any] = field(repr=False)
    cursor: str
    goes_on: _Until


def _read_log(at: Session, cursor: str, goes_on: _Until) -> _Part:
    """Return some pages of the log; what is of another workspace is found by what each
    event says of itself.

    What was seen of a part that is thrown away is forgotten with it.
    """
    goes_on = copy(goes_on)
    items: list[Any] = []
    for _page in range(PAGES_AT_ONCE):
        body = at.get("/events", params={"cursor": cursor} if cursor else None).json()
        rows = body.get("data") if isinstance(body, Mapping) else None
        if not isinstance(rows, list):
            raise Odd(VENDOR)
        found = [row for row in rows if isinstance(row, Mapping)]
        _be_of(at, found)
        items += found
        following = str(reading.mapping(body.get("meta")).get("next_cursor") or "")
        if following == cursor and following:
            raise Odd(VENDOR)
        cursor = following
        goes_on.see(found)
        if not cursor or goes_on.is_over:
            break
    return _Part(items, cursor, goes_on)


def _be_of(at: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        number = events.workspace_of(row)
        if number in {None, at.workspace.bison_workspace_id}:
            continue
        if at.is_shared:
            raise WrongWorkspace(VENDOR)
        raise KeyOfAnother(VENDOR)
