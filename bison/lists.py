"""The vendor's lists, page by page, in pieces that are known to be of the right workspace.

A page has fifteen rows whatever is asked for, and says itself which page of how many it is. Pages
are read in pieces; each piece is confirmed by the session before anybody sees it. Where one had to
be thrown away, the next are smaller.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from django.utils.translation import gettext_lazy as _

from bison.client import PAGE, VENDOR, Odd
from bison.session import Session, WrongWorkspace
from core.errors import Temporary
from core.words.digits import are_digits, is_whole

PAGES_AT_ONCE: Final = 40
# More rows than any one workspace has of anything: a list that goes on beyond is no list.
MOST_PAGES: Final = 200_000
# No list has as many rows: two such counts together still fit the columns of results.
BEYOND: Final = 10**9
TRIES: Final = 3
MOVES: Final = _(
    "The list at %(vendor)s kept changing while it was read. The next check reads it again."
)
Params = Mapping[str, Any]
Kept = TypeVar("Kept")


class KeepsChanging(Temporary):
    """No reading of a list was of one state of it, or was all of it."""

    text = MOVES


@dataclass(frozen=True, slots=True)
class Piece:
    """Some pages of a list. `total`: how many rows the vendor says that the whole list has;
    `page`: the last one read.

    `is_last`: nothing follows. `is_steady`: each of the pages gave the same total.
    """

    items: Sequence[Any] = field(repr=False)
    total: int | None
    page: int
    is_last: bool
    is_steady: bool = True


@dataclass(frozen=True, slots=True)
class _Page:
    items: Sequence[Any] = field(repr=False)
    total: int | None
    last: int


def pieces(
    session: Session,
    path: str,
    params: Params | None = None,
    *,
    after: int = 0,
    most: int = PAGES_AT_ONCE,
) -> Iterator[Piece]:
    """Give the list in confirmed pieces of at most so many pages,
    from the page that follows `after`.

    With `most=1` the session confirms where it is after every page.
    """
    size = most
    page = after
    is_last = False
    while not is_last:
        sizes = _smaller(size)
        piece = session.confirmed(
            partial(_read, path=path, params=dict(params or {}), first=page + 1, sizes=sizes)
        )
        yield piece
        size = min(most, next(sizes) * 2)
        page, is_last = piece.page, piece.is_last


def _smaller(size: int) -> Iterator[int]:
    """Give half of the size each time that it is asked again."""
    while True:
        size = max(1, size)
        yield size
        size //= 2


def everything(
    session: Session, path: str, params: Params | None = None, *, most: int = PAGES_AT_ONCE
) -> Piece:
    """Return a list whole, for those of which there cannot be many."""
    items: list[Any] = []
    totals = set()
    is_steady = True
    total = None
    page = 0
    for piece in pieces(session, path, params, most=most):
        items += piece.items
        total, page = piece.total, piece.page
        totals.add(total)
        is_steady = is_steady and piece.is_steady
    return Piece(items, total, page, is_last=True, is_steady=is_steady and len(totals) == 1)


def gathered(
    session: Session, path: str, read: Callable[[Any], Kept], params: Params | None = None
) -> list[Kept]:
    """Return what `read` makes of each row of a list; KeepsChanging where these are not as many
    as the vendor says.

    What was not seen of a list may be just what somebody asks about.
    """
    for _try in range(TRIES):
        kept: list[Kept] = []
        seen: set[str] = set()
        totals: set[int | None] = set()
        is_steady = True
        for piece in pieces(session, path, params):
            kept += map(read, piece.items)
            seen |= {str(row.get("id")) for row in piece.items if isinstance(row, Mapping)}
            totals.add(piece.total)
            is_steady = is_steady and piece.is_steady
        if is_steady and totals == {len(seen)}:
            return kept
    raise KeepsChanging(VENDOR)


def _read(
    session: Session, path: str, params: dict[str, Any], first: int, sizes: Iterator[int]
) -> Piece:
    items: list[Any] = []
    totals = set()
    number = first
    size = next(sizes)
    while True:
        page = _ask(session, path, params, number)
        items += page.items
        totals.add(page.total)
        if session.is_shared and len(totals) > 1:
            # Two workspaces seldom have as many: part of it was read in another.
            raise WrongWorkspace(VENDOR)
        is_last = number >= page.last or not page.items
        if is_last or number - first + 1 >= size:
            return Piece(items, page.total, number, is_last, is_steady=len(totals) == 1)
        number += 1


def _ask(session: Session, path: str, params: dict[str, Any], number: int) -> _Page:
    """Return one page; Odd for an answer that is none, or another page than was asked for."""
    items, meta = _rows_and_meta(session, path, params, number)
    if not isinstance(meta, Mapping):
        if len(items) >= PAGE and _goes_on(session, path, params, number, items):
            raise Odd(VENDOR)
        return _Page(items, len(items), last=number)
    last = _number(meta.get("last_page"))
    if last is None or last > MOST_PAGES:
        raise Odd(VENDOR)
    if _number(meta.get("current_page")) not in (None, number):
        raise Odd(VENDOR)
    return _Page(items, _number(meta.get("total")), last)


def _rows_and_meta(
    session: Session, path: str, params: dict[str, Any], number: int
) -> tuple[list[Any], Any]:
    body = session.get(path, params={**params, "page": str(number)}).json()
    items = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(items, list):
        raise Odd(VENDOR)
    return items, body.get("meta")


def _goes_on(
    session: Session, path: str, params: dict[str, Any], number: int, items: list[Any]
) -> bool:
    """Tell whether a list that counts no pages has another: it shows the same again, or nothing,
    where it has none.
    """
    following, _meta = _rows_and_meta(session, path, params, number + 1)
    return bool(following) and following != items


def total_of(session: Session, path: str, params: Params | None = None) -> int | None:
    """Return how many rows a list has, by its first page."""
    return session.confirmed(partial(_ask, path=path, params=dict(params or {}), number=1)).total


def _number(value: Any) -> int | None:
    """Return a count that the vendor wrote as a number or as text, None for what cannot be one."""
    if are_digits(value, 9):
        return int(value)
    if is_whole(value) and 0 <= value < BEYOND:
        return value
    return None
