"""The stand-in's own time: things that happen later, at the speed that is wanted
or when a test says so.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Action = Callable[[], Any]
# So long may work outside (an upload, a webhook) take before time goes on without it.
PATIENCE = 60.0


@dataclass(order=True)
class Planned:
    """Something to come; it may be called off."""

    at: float
    number: int
    action: Action = field(compare=False)
    off: bool = field(default=False, compare=False)


class Timeline:
    """Runs what is planned, in order, one thing at a time under `lock`. Speed 0:
    only `advance` moves it.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._numbers = itertools.count()
        self._plan: list[Planned] = []
        self._speed = 1.0
        self._base, self._real = time.time(), time.monotonic()
        self._outside = 0
        self._advancing = False
        self._closed = False
        self._runner: threading.Thread | None = None

    def now(self) -> float:
        """Return seconds since 1970, in the stand-in's time."""
        return self._base + (time.monotonic() - self._real) * (
            0 if self._advancing else self._speed
        )

    def set(self, *, speed: float | None = None, at: float | None = None) -> None:
        with self._changed:
            self._base, self._real = self.now() if at is None else at, time.monotonic()
            self._speed = self._speed if speed is None else speed
            self._changed.notify_all()

    def after(self, seconds: float, action: Action) -> Planned:
        with self._changed:
            planned = Planned(self.now() + seconds, next(self._numbers), action)
            heapq.heappush(self._plan, planned)
            if self._runner is None:
                self._runner = threading.Thread(target=self._run, daemon=True)
                self._runner.start()
            self._changed.notify_all()
            return planned

    def outside(self, work: Callable[[], Any], then: Callable[[Any], Any]) -> None:
        """Do slow work (HTTP) without holding anybody up, and then go on with what it gave."""
        with self._changed:
            self._outside += 1
        threading.Thread(target=self._work, args=(work, then), daemon=True).start()

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once: all that is planned until then happens,
        and is done on return.
        """
        with self._changed:
            until = self.now() + seconds
            self._base, self._real, self._advancing = self.now(), time.monotonic(), True
            try:
                while planned := self._next(until):
                    self._base = max(self._base, planned.at)
                    planned.action()
                self._base = until
            finally:
                self._real, self._advancing = time.monotonic(), False
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._plan.clear()
            self._changed.notify_all()

    def _next(self, until: float) -> Planned | None:
        """Return the next thing that is due by then, once no work outside may plan an earlier
        thing.
        """
        self._changed.wait_for(lambda: not self._outside or self._closed, PATIENCE)
        while self._plan:
            first = self._plan[0]
            if not first.off and first.at > until:
                return None
            heapq.heappop(self._plan)
            if not first.off:
                return first
        return None

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                if self._advancing or not self._plan or not self._speed:
                    self._changed.wait()
                elif (wait := self._plan[0].at - self.now()) > 0:
                    self._changed.wait(wait / self._speed)
                else:
                    planned = heapq.heappop(self._plan)
                    if not planned.off:
                        planned.action()

    def _work(self, work: Callable[[], Any], then: Callable[[Any], Any]) -> None:
        done: list[Any] = []
        try:
            done.append(work())
        finally:
            # In one step with what follows: whoever waits must not find the work over and its
            # outcome still to come.
            with self._changed:
                self._outside -= 1
                for given in [] if self._closed else done:
                    then(given)
                self._changed.notify_all()
