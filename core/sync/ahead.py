"""Reading ahead: a thread fetches the next pages while this one is stored."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Generic

from django.db import connection

from core.sync.steps import Item, Place, Step

# What is fetched ahead, in bytes, and how long a page waits for others to be stored with it.
AHEAD_BYTES: Final = 2 * 1024 * 1024
SETTLE_SECONDS: Final = 0.5


class Ahead(Generic[Item, Place]):
    """The steps of a walk, put together to batches: whatever has come when the last batch
    is stored, within bounds.

    `walk` gets an event that is set when nobody wants more, and gives step after step.
    What it raises is raised where the batches are taken, after all that came before.
    """

    def __init__(
        self,
        walk: Callable[[threading.Event], Iterator[Step[Item, Place]]],
        most_items: int,
        most_bytes: int,
    ) -> None:
        self._walk = walk
        self._most_items, self._most_bytes = most_items, most_bytes
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._steps: deque[Step[Item, Place]] = deque()
        self._bytes = 0
        self._items = 0
        self._ended = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._fetch, name="pages-ahead", daemon=True)

    def __enter__(self) -> Iterator[Step[Item, Place]]:
        self._thread.start()
        return self._batches()

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        with self._news:
            self._news.notify_all()
        self._thread.join()

    def _fetch(self) -> None:
        try:
            for step in self._walk(self._stop):
                with self._news:
                    self._steps.append(step)
                    self._bytes += step.size
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
        if self._stop.is_set():
            return True
        return self._bytes < self._most_bytes + AHEAD_BYTES and self._items < 2 * self._most_items

    def _batches(self) -> Iterator[Step[Item, Place]]:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._steps or self._ended)
                # A quick vendor fills a batch in the meantime; a slow one keeps nobody waiting.
                self._news.wait_for(self._is_batch, timeout=SETTLE_SECONDS)
                taken = self._take()
                self._news.notify_all()
            if taken:
                yield _together(taken)
            elif self._error is not None:
                raise self._error
            else:
                return

    def _is_batch(self) -> bool:
        return self._ended or self._items >= self._most_items or self._bytes >= self._most_bytes

    def _take(self) -> list[Step[Item, Place]]:
        taken: list[Step[Item, Place]] = []
        items = size = 0
        while self._steps:
            is_full = items >= self._most_items or size >= self._most_bytes
            if taken and is_full:
                break
            step = self._steps.popleft()
            taken.append(step)
            items += len(step.items)
            size += step.size
        self._items -= items
        self._bytes -= size
        return taken


def _together(steps: list[Step[Item, Place]]) -> Step[Item, Place]:
    """Return several steps as one: asked for when the first was,
    and gone on from where the last was.
    """
    first, last = steps[0], steps[-1]
    return Step(
        items=[item for step in steps for item in step.items],
        place=last.place,
        asked_at=first.asked_at,
        pages=len(steps),
        size=sum(step.size for step in steps),
        # The most that was said: a list that shrank meanwhile is to be noticed.
        total=max((step.total for step in steps if step.total is not None), default=None),
    )
