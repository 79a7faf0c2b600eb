"""The three ways in which vendors cut a list into pages.
Each gives the steps from a place to the end.

A place is a small mapping, kept as JSON in the run's checkpoint: empty at the beginning.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Temporary
from core.sync.patience import patiently
from core.sync.steps import Step

Place = Mapping[str, Any]
Steps = Iterator[Step[Any, Place]]
NUMBER: Final = "page"
CURSOR: Final = "cursor"
LINK: Final = "link"
DONE: Final = "done"
# As much as the column of a run's total holds.
LARGEST: Final = 2**63 - 1
LOOPED: Final = _(
    "The list of %(vendor)s led in a circle and could not be read to its end. The next "
    "run tries again."
)


class Looped(Temporary):
    """The list cannot be read beyond this point."""

    text = LOOPED


@dataclass(frozen=True, slots=True)
class Page:
    """One page as a vendor's client gives it.

    `last`: the number of the last page, where the vendor says it; `following`: the cursor or
    address of the next page, '' at the end; `total`: how many the whole list has; `size`: the bytes
    of the body.
    """

    items: Sequence[Any] = field(repr=False)
    last: int | None = None
    following: str = ""
    total: int | None = None
    size: int = 0


def by_number(
    ask: Callable[[int], Page], place: Place, stop: threading.Event, *, vendor: str
) -> Steps:
    """Ask for page 1, 2, 3 … until the last one; where the vendor does not say which that is,
    until an empty one.

    What cannot be a page's number says nothing. Looped for a page that came before:
    the vendor begins again.
    """
    number = int(place.get(NUMBER, 0))
    seen: set[int] = set()
    is_over = bool(place.get(DONE))
    while not is_over and not stop.is_set():
        number += 1
        asked_at = timezone.now()
        page = patiently(lambda wanted=number: ask(wanted), stop)  # type: ignore[misc]
        if page is None:
            return
        last = _count(page.last)
        is_over = not page.items
        if last:
            is_over = number >= last
        content = hash(repr(page.items))
        if not is_over and content in seen:
            raise Looped(vendor)
        seen.add(content)
        yield _step(page, {NUMBER: number, DONE: is_over}, asked_at)


def by_cursor(
    ask: Callable[[str], Page], place: Place, stop: threading.Event, *, vendor: str
) -> Steps:
    """Ask with the cursor that the page before gave; Looped for one that was given before."""
    yield from _following(ask, CURSOR, place, stop, vendor)


def by_link(
    ask: Callable[[str], Page], place: Place, stop: threading.Event, *, vendor: str
) -> Steps:
    """Ask at the address that the page before gave, and at '' for the first;
    Looped for one that was given before.
    """
    yield from _following(ask, LINK, place, stop, vendor)


def _following(
    ask: Callable[[str], Page], name: str, place: Place, stop: threading.Event, vendor: str
) -> Steps:
    following = str(place.get(name, ""))
    seen = {hash(following)}
    is_over = bool(place.get(DONE))
    while not is_over and not stop.is_set():
        asked_at = timezone.now()
        page = patiently(lambda wanted=following: ask(wanted), stop)  # type: ignore[misc]
        if page is None:
            return
        following = page.following
        is_over = not following
        yield _step(page, {name: following, DONE: is_over}, asked_at)
        if not is_over and hash(following) in seen:
            raise Looped(vendor)
        seen.add(hash(following))


def _step(page: Page, place: Place, asked_at: Any) -> Step[Any, Place]:
    return Step(
        items=page.items, place=place, asked_at=asked_at, size=page.size, total=_count(page.total)
    )


def _count(value: Any) -> int | None:
    """Return the number of pages or records that a vendor says, None for what cannot be one."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and 0 <= value <= LARGEST:
        return value
    return None
