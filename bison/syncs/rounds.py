"""The body of every sync: all workspaces that are meant, each part of each once,
and the proof at the end.

Workspaces with a key of their own are worked side by side. Those of a shared key go one after
another, in a thread for each key: the key can be in one place only. A result is a row, written with
the run's counts in one transaction: a run that died goes on with what has none.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from django.db import connections, transaction

from bison.client import VENDOR, fingerprint
from bison.keys import key_for
from bison.models import Workspace, WorkspaceResult
from bison.syncs import counting, email_accounts, kinds, proving, starting, working
from bison.syncs.parts import Task
from bison.syncs.working import Worked
from core.errors import RateLimited, VendorError
from core.runs.attempt import Work
from core.sync.patience import LONGEST_SLEEP

# Each worker's connections to the database are few.
AT_ONCE: Final = 8
SHARED_AT_ONCE: Final = 4
# Whoever had to wait more often gives the worker back.
WAITS: Final = 3


def work(run: Work) -> None:
    """Sync what the run's wish means."""
    _Round(run).work()


class _Stopped(Exception):
    """The round ends: nothing more is begun."""


class _Round:
    """One attempt at one run."""

    def __init__(self, run: Work) -> None:
        self.run = run
        self.key = run.run.kind
        self.stop = threading.Event()
        self.longest_wait = 0.0
        self.done = 0

    def work(self) -> None:
        tasks = self._tasks()
        self._miss(tasks)
        self.done = WorkspaceResult.objects.filter(run=self.run.run.pk).count()
        self.run.progress(total=sum(len(each) for each in tasks.values()), done=self.done)
        own, shared = self._by_key(self._left(tasks))
        try:
            self._work_all(own, shared)
        finally:
            self.stop.set()
        if self.run.cancelled:
            return
        if self.longest_wait:
            # What is left is done by a later attempt, and no worker waits for it.
            raise RateLimited(VENDOR, retry_after=self.longest_wait)
        results = proving.results_of(self.run.run.pk)
        if self.key == kinds.KINDS[kinds.COUNTS].key:
            _observe(results)
        proving.prove(self.run, results)

    def _miss(self, tasks: Iterable[Workspace]) -> None:
        """Say which of the named workspaces nobody is called by any more:
        of those nothing is proved.
        """
        missing = set(self.run.parameters.get("workspaces") or ()) - {
            each.workspace_name for each in tasks
        }
        if missing:
            self.run.incomplete(starting.UNKNOWN_WORKSPACES, names=", ".join(sorted(missing)))

    def _tasks(self) -> dict[Workspace, list[Task]]:
        wish = self.run.parameters
        span = kinds.span_of(wish)
        return {each: kinds.tasks_of(self.key, each, span) for each in starting.workspaces_of(wish)}

    def _left(self, tasks: dict[Workspace, list[Task]]) -> dict[Workspace, list[Task]]:
        """Return what no attempt before this has done."""
        results = WorkspaceResult.objects.filter(run=self.run.run.pk)
        done = set(results.values_list("workspace_id", "kind"))
        left = {
            workspace: [task for task in each if (workspace.pk, task.name) not in done]
            for workspace, each in tasks.items()
        }
        return {workspace: each for workspace, each in left.items() if each}

    def _by_key(
        self, tasks: dict[Workspace, list[Task]]
    ) -> tuple[list[list[Task]], dict[str, list[Task]]]:
        """Return the workspaces with a key of their own, and by shared key the tasks
        of its workspaces.

        Those for which there is no key have their result already.
        """
        own: list[list[Task]] = []
        shared: dict[str, list[Task]] = defaultdict(list)
        for workspace, each in tasks.items():
            try:
                chosen = key_for(workspace)
                name = fingerprint(chosen.key.reveal())
            except VendorError as error:
                for task in each:
                    self._keep(task, working.without_data(error))
                continue
            if chosen.is_shared:
                shared[name] += each
            else:
                own.append(each)
        return own, shared

    def _work_all(self, own: Iterable[list[Task]], shared: dict[str, list[Task]]) -> None:
        with (
            ThreadPoolExecutor(AT_ONCE, "own-key") as side_by_side,
            ThreadPoolExecutor(SHARED_AT_ONCE, "shared-key") as one_by_one,
        ):
            futures = {side_by_side.submit(self._work_in_turn, each) for each in own}
            futures |= {one_by_one.submit(self._work_in_turn, each) for each in shared.values()}
            self._watch(futures)

    def _watch(self, futures: set[Future[None]]) -> None:
        """Wait for all of them; stop the others where one fails, and where somebody asks for it."""
        while futures:
            over, futures = wait(futures, timeout=1, return_when=FIRST_COMPLETED)
            if self.run.cancelled:
                self.stop.set()
            for future in over:
                error = future.exception()
                if error is not None:
                    self.stop.set()
                    raise error

    def _work_in_turn(self, tasks: Sequence[Task]) -> None:
        """Work these one after another, in a thread and with a connection of its own."""
        try:
            for task in tasks:
                if self.stop.is_set():
                    return
                self._work(task)
        except _Stopped:
            return
        finally:
            connections.close_all()

    def _work(self, task: Task) -> None:
        """Work one part and keep its result; nothing is kept of one that has
        to wait for too long.
        """
        waits = 0
        while True:
            try:
                self._keep(task, working.work(task, self.run.run, self.stop.is_set))
                return
            except RateLimited as error:
                waits += 1
                if waits > WAITS or error.retry_after > LONGEST_SLEEP:
                    self.longest_wait = max(self.longest_wait, error.retry_after)
                    return
                if self.stop.wait(error.retry_after):
                    raise _Stopped from error

    def _keep(self, task: Task, worked: Worked) -> None:
        """Write the result beside the run's counts: both, or none of them."""
        if task.name in {kinds.EMAIL_ACCOUNTS, kinds.COUNTS} and worked.found.at_vendor is None:
            email_accounts.note_state(task.workspace, worked.state)
        with transaction.atomic():
            if not proving.keep(self.run.run.pk, task, worked):
                return
            counts = {"workspaces": 1, str(worked.state): 1, "thrown_away": worked.thrown_away}
            counts = {name: count for name, count in counts.items() if count}
            self.run.add(counts=counts, outcomes=worked.found.outcomes)
            # From here to its end this transaction has the run's row: other threads wait.
            self.done += 1
            self.run.checkpoint({"done": self.done})
            self.run.progress(done=self.done)


def _observe(results: Sequence[WorkspaceResult]) -> None:
    by_instance = defaultdict(list)
    for result in results:
        by_instance[result.workspace.instance].append(result)
    for instance, each in by_instance.items():
        counting.observe(instance, each)
