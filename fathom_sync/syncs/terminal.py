"""Runs followed from a terminal: worked here, or by the worker that has them already, with a bar that is true."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from django.core.management.base import BaseCommand
from django.db import connection

from core import runs
from core.health.logs import only_warnings
from core.models import Run
from core.runs import progress as run_progress
from fathom_sync.ledger import reconciling
from fathom_sync.models import FathomAccount
from fathom_sync.syncs import sync

BAR: Final = 30
POLL_SECONDS: Final = 0.5
# Back to the beginning of the line, and nothing left of what stood there.
AGAIN: Final = "\r\x1b[K"
JOINED: Final = "one was under way already; this joined it."
WAITS: Final = "one was under way already that does not do what was asked for; the wanted one starts after it."
NO_KEY: Final = "No account has an API key. Set FATHOM_API_KEY or enter one in the settings."
_WORK: Final = {sync.TASK: sync.work, reconciling.TASK: reconciling.work}


def follow(
    command: BaseCommand, accounts: Sequence[FathomAccount], start: Callable[[FathomAccount], tuple[Run, bool]]
) -> list[Run]:
    """Each account's run at its end, those before it in its lane included. What a worker has taken is only watched."""
    with only_warnings():
        started = [start(account) for account in accounts]
        for account, (run, is_new) in zip(accounts, started, strict=True):
            _follow_with_those_before(command, account, run, is_new=is_new)
    return [run for run, _is_new in started]


def _follow_with_those_before(command: BaseCommand, account: FathomAccount, run: Run, *, is_new: bool) -> None:
    before = list(runs.ahead_of(run))
    if not is_new:
        command.stdout.write(f"{account}: {JOINED}")
    elif before:
        command.stdout.write(f"{account}: {WAITS}")
    for other in before:
        _follow(command, other)
    _follow(command, run)


def _follow(command: BaseCommand, run: Run) -> None:
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(command, run, over), daemon=True)
    watching.start()
    try:
        _work(run)
        while run.state in Run.OPEN:
            time.sleep(POLL_SECONDS)
            # Nothing while somebody has it; and it is ours again when a pause that Fathom asked for is over.
            _work(run)
    finally:
        over.set()
        watching.join()
    _show(command, run, end="\n")


def _work(run: Run) -> None:
    _WORK[run.task](str(run.pk))
    run.refresh_from_db()


def _watch(command: BaseCommand, run: Run, over: threading.Event) -> None:
    if command.stdout.isatty():
        while not over.wait(POLL_SECONDS):
            _show(command, Run.objects.get(pk=run.pk))
    connection.close()


def _show(command: BaseCommand, run: Run, end: str = "") -> None:
    begin = AGAIN if command.stdout.isatty() else ""
    command.stdout.write(f"{begin}{line(run)}", ending=end)
    command.stdout.flush()


def line(run: Run) -> str:
    """A bar where the end is known, and what was done so far."""
    progress = run_progress.of(run)
    words = [*progress.so_far, str(run.get_state_display()).lower()]
    if progress.share is None:
        return ", ".join(words)
    filled = BAR * progress.share // 100
    return f"[{'#' * filled}{'.' * (BAR - filled)}] {progress.share} %, {', '.join(words)}"
