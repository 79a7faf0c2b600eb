"""Through the pages of a list at Fathom: one after another, whatever goes wrong on the way, the next one fetched while
this one is stored.

Fathom lists newest first, ten a page, and its cursors are probably offsets. So a list is bounded by `created_before`,
fixed when the walk begins; a cursor that leads back to where it was, or that Fathom does not know any more after a
pause, is given up, and the walk goes on from the oldest meeting that it has seen.
"""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import RateLimited, Rejected, Temporary
from fathom_sync.meetings import pages, parsing
from fathom_sync.meetings.pages import Item

HEAVY: Final = (("include_transcript", "true"), ("include_summary", "true"), ("include_action_items", "true"))
# Seconds between attempts beyond the client's own, when Fathom is down for longer.
PAUSES: Final = (2.0, 10.0, 30.0)
# A longer pause is slept by nobody: the run gives its worker back and comes again. A window of Fathom's is a minute.
LONGEST_SLEEP: Final = 75.0
# What is fetched ahead, in bytes, and how long a page waits for others to be stored with it.
AHEAD_BYTES: Final = 2 * 1024 * 1024
SETTLE_SECONDS: Final = 0.5
# So many pages without an older meeting are a circle, whatever their cursors say.
STALE_PAGES: Final = 100
LOOPED = _("Fathom's list led in a circle and could not be read to its end. The next sync tries again.")


class Looped(Temporary):
    """The list cannot be read beyond this point."""

    text = LOOPED


class Lister(Protocol):
    """Whatever gives pages: `fathom_sync.client.FathomClient`."""

    def page(self, params: Any, cursor: str) -> pages.Page: ...


@dataclass(frozen=True, slots=True)
class Window:
    """What is listed: meetings made from `after` until `before`, by these people (none = by all)."""

    before: datetime
    after: datetime | None = None
    emails: tuple[str, ...] = ()
    heavy: bool = True

    def params(self) -> list[tuple[str, str]]:
        """Repeated on every page, as Fathom wants it."""
        parameters = [("created_before", _iso(self.before))]
        if self.after is not None:
            parameters.append(("created_after", _iso(self.after)))
        return [*parameters, *(("recorded_by[]", email) for email in self.emails), *(HEAVY if self.heavy else ())]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is: what it lists, the cursor of the next page, and the oldest meeting seen."""

    window: Window
    cursor: str = ""
    oldest: datetime | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A page that was fetched, when it was asked for, and where the walk is after it."""

    items: list[Item] = field(repr=False)
    asked_at: datetime
    place: Place
    pages: int = 1

    @property
    def bytes(self) -> int:
        return sum(len(item.raw) for item in self.items)


def walk(lister: Lister, place: Place, stop: threading.Event | None = None) -> Iterator[Step]:
    """Every page from this place to the end."""
    stop = stop or threading.Event()
    seen = {hash(place.cursor)}
    stale = 0
    while not place.done and not stop.is_set():
        asked_at = timezone.now()
        try:
            page = _patiently(lister, place, stop)
        except Rejected:
            # A cursor that Fathom does not know any more; without one it is the question itself that it refuses.
            if not place.cursor:
                raise
            place, seen = _anchored(place), set()
            continue
        if page is None:
            return
        oldest = _oldest(page.items, place.oldest)
        stale = stale + 1 if oldest == place.oldest else 0
        circles = page.next_cursor is not None and hash(page.next_cursor) in seen
        place = replace(place, cursor=page.next_cursor or "", oldest=oldest, done=page.next_cursor is None)
        if circles or (stale >= STALE_PAGES and not place.done):
            place, seen, stale = _anchored(place), set(), 0
        seen.add(hash(place.cursor))
        yield Step(page.items, asked_at, place)


class Ahead:
    """The same steps, fetched by a thread of its own and put together to batches: whatever is there when the last one
    is stored, within the bounds of a batch."""

    def __init__(self, lister: Lister, place: Place, most_items: int, most_bytes: int) -> None:
        self._lister, self._place = lister, place
        self._most_items, self._most_bytes = most_items, most_bytes
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._steps: deque[Step] = deque()
        self._bytes = 0
        self._items = 0
        self._ended = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._fetch, name="fathom-pages", daemon=True)

    def __enter__(self) -> Iterator[Step]:
        self._thread.start()
        return self._batches()

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        with self._news:
            self._news.notify_all()
        self._thread.join()

    def _fetch(self) -> None:
        try:
            for step in walk(self._lister, self._place, self._stop):
                with self._news:
                    self._steps.append(step)
                    self._bytes += step.bytes
                    self._items += len(step.items)
                    self._news.notify_all()
                    self._news.wait_for(self._has_room)
        except BaseException as error:  # noqa: BLE001 - raised again where the steps are taken
            self._error = error
        finally:
            connection.close()
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _has_room(self) -> bool:
        full = self._bytes >= self._most_bytes + AHEAD_BYTES or self._items >= 2 * self._most_items
        return self._stop.is_set() or not full

    def _batches(self) -> Iterator[Step]:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._steps or self._ended)
                # A quick vendor fills a batch in the meantime; a slow one keeps nobody waiting.
                self._news.wait_for(self._is_batch, timeout=SETTLE_SECONDS)
                taken = self._take()
                self._news.notify_all()
            if not taken:
                if self._error is not None:
                    raise self._error
                return
            yield Step([item for step in taken for item in step.items], taken[0].asked_at, taken[-1].place, len(taken))

    def _is_batch(self) -> bool:
        return self._ended or self._items >= self._most_items or self._bytes >= self._most_bytes

    def _take(self) -> list[Step]:
        taken: list[Step] = []
        items = size = 0
        while self._steps and (not taken or (items < self._most_items and size < self._most_bytes)):
            step = self._steps.popleft()
            taken.append(step)
            items, size = items + len(step.items), size + step.bytes
        self._items, self._bytes = self._items - items, self._bytes - size
        return taken


def _patiently(lister: Lister, place: Place, stop: threading.Event) -> pages.Page | None:
    """One page, waiting for as long as Fathom asks, unless that is long; None when the walk was stopped meanwhile."""
    pauses = iter(PAUSES)
    while True:
        try:
            return lister.page(place.window.params(), place.cursor)
        except RateLimited as error:
            if error.retry_after > LONGEST_SLEEP:
                raise
            pause: float | None = max(error.retry_after, 0.1)
        except Temporary:
            pause = next(pauses, None)
            if pause is None:
                raise
        if stop.wait(pause):
            return None


def _anchored(place: Place) -> Place:
    """Go on without the cursor: from the oldest meeting seen, and those of the same second again. Looped when that
    leads nowhere new."""
    before = place.oldest + timedelta(seconds=1) if place.oldest else None
    if before is None or before >= place.window.before:
        raise Looped(pages.VENDOR)
    return Place(replace(place.window, before=before), oldest=place.oldest)


def _oldest(items: list[Item], before: datetime | None) -> datetime | None:
    made = [when for when in (parsing.moment(item.made) for item in items[-1:]) if when is not None]
    return min([*made, *([before] if before else [])], default=None)


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
