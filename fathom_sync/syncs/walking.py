"""Through the pages of a list at Fathom: one after another, whatever goes wrong on the way,
the next one fetched while this one is stored.

Fathom lists newest first, ten a page, and its cursors are probably offsets. So a list is bounded by
`created_before`, fixed when the walk begins; a cursor that leads back to where it was, or that
Fathom does not know any more after a pause, is given up, and the walk goes on from the oldest
meeting that it has seen.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from django.utils import timezone

from core import sync
from core.errors import Rejected
from core.words import moments
from fathom_sync.meetings import pages
from fathom_sync.meetings.pages import Item

HEAVY: Final = (
    ("include_transcript", "true"),
    ("include_summary", "true"),
    ("include_action_items", "true"),
)
# So many pages without an older meeting are a circle, whatever their cursors say.
STALE_PAGES: Final = 100


class Lister(Protocol):
    """Whatever gives pages: `fathom_sync.client.FathomClient`."""

    def page(self, params: Any, cursor: str) -> pages.Page: ...


@dataclass(frozen=True, slots=True)
class Window:
    """What is listed: meetings made from `after` until `before`,
    by these people (none = by all).
    """

    before: datetime
    after: datetime | None = None
    emails: tuple[str, ...] = ()
    heavy: bool = True

    def params(self) -> list[tuple[str, str]]:
        """Return what is repeated on every page, as Fathom wants it."""
        parameters = [("created_before", _iso(self.before))]
        if self.after is not None:
            parameters.append(("created_after", _iso(self.after)))
        parameters += [("recorded_by[]", email) for email in self.emails]
        if self.heavy:
            parameters += HEAVY
        return parameters


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is: what it lists, the cursor of the next page, and the oldest meeting seen."""

    window: Window
    cursor: str = ""
    oldest: datetime | None = None
    done: bool = False


Step = sync.Step[Item, Place]


def walk(lister: Lister, place: Place, stop: threading.Event | None = None) -> Iterator[Step]:
    """Yield every page from this place to the end."""
    stop = stop or threading.Event()
    seen = {hash(place.cursor)}
    stale = 0
    while not place.done and not stop.is_set():
        asked_at = timezone.now()
        try:
            page = sync.patiently(partial(lister.page, place.window.params(), place.cursor), stop)
        except Rejected:
            # A cursor that Fathom does not know any more; without one it is the question itself
            # that it refuses.
            if not place.cursor:
                raise
            place, seen = _anchored(place), set()
            continue
        if page is None:
            return
        oldest = _oldest(page.items, place.oldest)
        stale += 1
        if oldest != place.oldest:
            stale = 0
        is_last = page.next_cursor is None
        place = replace(place, cursor=page.next_cursor or "", oldest=oldest, done=is_last)
        leads_back = hash(place.cursor) in seen or stale >= STALE_PAGES
        if leads_back and not is_last:
            place, seen, stale = _anchored(place), set(), 0
        seen.add(hash(place.cursor))
        size = sum(len(item.raw) for item in page.items)
        yield sync.Step(items=page.items, place=place, asked_at=asked_at, size=size)


@contextmanager
def ahead(
    lister: Lister, place: Place, most_items: int, most_bytes: int
) -> Iterator[Iterator[Step]]:
    """Give the same steps, fetched ahead and put together to batches."""
    with sync.Ahead(lambda stop: walk(lister, place, stop), most_items, most_bytes) as steps:
        yield steps


def _anchored(place: Place) -> Place:
    """Go on without the cursor: from the oldest meeting seen, and those of the same second again.

    Looped when that leads nowhere new.
    """
    before = None
    if place.oldest:
        before = place.oldest + timedelta(seconds=1)
    if before is None or before >= place.window.before:
        raise sync.Looped(pages.VENDOR)
    return Place(replace(place.window, before=before), oldest=place.oldest)


def _oldest(items: list[Item], before: datetime | None) -> datetime | None:
    """Return when the oldest meeting seen was made: the last of this page,
    or what was seen before.
    """
    if not items:
        return before
    made = moments.read(items[-1].made)
    if made is None or before is None:
        return made or before
    return min(made, before)


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
