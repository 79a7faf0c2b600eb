"""The same for many workspaces: side by side where each has a key of its own,
one after the other where they share one.

A workspace that fails costs the others nothing: what it failed with is its result.
One that has to wait makes those wait that share its key, and no others.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Final, Generic, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connections
from django.utils.translation import gettext_lazy as _

from bison.client import VENDOR, fingerprint
from bison.keys import MustHaveItsOwn, NoKey, key_for
from bison.models import Workspace, WorkspaceResult
from core.errors import RateLimited, VendorError
from core.runs.attempt import LostRun, Work
from core.words.sayings import Saying

logger = structlog.get_logger(__name__)

State = WorkspaceResult.State
UNEXPECTED: Final = _("An unexpected error ended this workspace's part. The others went on.")
AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one workspace: its state, why it is not complete,
    and what else is to be known.
    """

    workspace: Workspace
    state: str
    reason: Saying | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.state == State.COMPLETE

    def evidence(self) -> dict[str, Any]:
        """Return it as a run keeps it."""
        found = {**self.facts, "state": str(self.state)}
        if self.reason is not None:
            found["reason"] = self.reason.plain
        return found


Do = Callable[[Workspace], Result]
Item = TypeVar("Item")


class Progress:
    """How many of a run's parts are done, counted by several threads. Outside of transactions:
    it waits for them.
    """

    def __init__(self, run: Work, *, done: int, total: int) -> None:
        self._run = run
        self._done = done
        self._counting = threading.Lock()
        run.progress(done=done, total=total)

    def one_more(self) -> None:
        with self._counting:
            self._done += 1
            self._run.progress(done=self._done)


def each(
    workspaces: Iterable[Workspace], do: Callable[[Workspace], object], *, stops: Callable[[], bool]
) -> None:
    """Do it for each, as `side_by_side` does, those that share a key one after another."""
    side_by_side(_lanes(workspaces), do, stops=stops)


def in_lanes(items: Iterable[Item], lane_of: Callable[[Item], Hashable]) -> list[list[Item]]:
    """Return the items by their lanes, the long lanes first:
    the work is over when the longest is.
    """
    lanes: dict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        lanes[lane_of(item)].append(item)
    return sorted(lanes.values(), key=len, reverse=True)


def side_by_side(
    lanes: Iterable[Sequence[Item]], do: Callable[[Item], object], *, stops: Callable[[], bool]
) -> None:
    """Do it for every item: a few lanes at once, in threads, and the items of a lane
    one after another.

    What has not begun when `stops` says so is left out. A lane whose vendor asks for a pause is
    left there and the others go on; in the end RateLimited is raised with the longest pause.
    Whatever else `do` raises ends them all.
    """
    round_ = _Lanes(do, stops)
    found = list(lanes)
    if len(found) == 1:
        # Nobody is waited for, and no thread needed.
        round_.go_along(found[0])
    else:
        with round_.under_way(found) as working:
            wait(working)
    if round_.pauses:
        raise RateLimited(VENDOR, retry_after=max(round_.pauses))


class _Lanes(Generic[Item]):
    """What the lanes of one round have in common."""

    def __init__(self, do: Callable[[Item], object], stops: Callable[[], bool]) -> None:
        self._do, self._stops = do, stops
        self._over = threading.Event()
        self.pauses: list[float] = []

    @contextmanager
    def under_way(self, lanes: Iterable[Sequence[Item]]) -> Iterator[list[Future[None]]]:
        """Go along these in threads, and raise in the end what ended them.

        Where whoever waits for them has enough, no other item is begun.
        """
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bison-lane") as pool:
            working = [pool.submit(self.go_along_in_thread, lane) for lane in lanes]
            try:
                yield working
            except BaseException:
                self._over.set()
                raise
        for lane in working:
            lane.result()

    def go_along_in_thread(self, lane: Sequence[Item]) -> None:
        try:
            self.go_along(lane)
        finally:
            connections.close_all()

    def go_along(self, lane: Sequence[Item]) -> None:
        try:
            for item in lane:
                if self._over.is_set() or self._stops():
                    return
                self._do(item)
        except RateLimited as error:
            self.pauses.append(error.retry_after)
        except BaseException:
            self._over.set()
            raise


def results(
    workspaces: Iterable[Workspace], do: Do, *, stops: Callable[[], bool]
) -> Iterator[Result]:
    """Do it for each, and give the results as they come; what has not begun when `stops`
    says so is left out.
    """
    found: SimpleQueue[Result | None] = SimpleQueue()

    def put(workspace: Workspace) -> None:
        found.put(_result(workspace, do))

    round_ = _Lanes(put, stops)
    with round_.under_way(_lanes(workspaces)) as lanes:
        for lane in lanes:
            lane.add_done_callback(lambda _lane: found.put(None))
        open_lanes = len(lanes)
        while open_lanes:
            result = found.get()
            if result is None:
                open_lanes -= 1
            else:
                yield result


def _lanes(workspaces: Iterable[Workspace]) -> list[list[Workspace]]:
    """Return who goes after whom: those that share a key are in one lane, any other is alone."""
    shared: dict[str, list[Workspace]] = defaultdict(list)
    alone = []
    for workspace in workspaces:
        key = _shared_key(workspace)
        if key:
            shared[key].append(workspace)
        else:
            alone.append([workspace])
    # The long lanes first: the round is over when the longest is.
    return [*shared.values(), *alone]


def _shared_key(workspace: Workspace) -> str:
    """Return what stands for the key that it shares; '' where it has its own or cannot
    be called at all.
    """
    try:
        chosen = key_for(workspace)
    except VendorError:
        return ""
    if not chosen.is_shared:
        return ""
    return fingerprint(chosen.key.reveal())


def _result(workspace: Workspace, do: Do) -> Result:
    try:
        return do(workspace)
    except (MustHaveItsOwn, NoKey) as error:
        return Result(workspace, State.REFUSED, error.saying)
    except VendorError as error:
        return Result(workspace, State.FAILED, error.saying)
    except (LostRun, OperationalError, InterfaceError):
        raise
    except Exception:  # one workspace's fault must not keep the others from being looked at
        logger.exception("round_failed_for_a_workspace", workspace=workspace.workspace_name)
        return Result(workspace, State.FAILED, Saying(UNEXPECTED))
