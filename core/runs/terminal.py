"""Runs followed from a terminal: worked here, or by the worker that has them already,
with a bar that is true.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from django.core.management.base import BaseCommand
from django.db import connection

from core.health.logs import only_warnings
from core.models import Run
from core.runs import progress as run_progress
from core.runs.lifecycle import execute
from core.runs.starting import Started, ahead_of

BAR: Final = 30
POLL_SECONDS: Final = 0.5
# Back to the beginning of the line, and nothing left of what stood there.
AGAIN: Final = "\r\x1b[K"
JOINED: Final = "one was under way already; this joined it."
WAITS: Final = (
    "one was under way already that does not do what was asked for; the wanted one starts after it."
)
Subject = TypeVar("Subject")


def follow(
    command: BaseCommand, subjects: Sequence[Subject], start: Callable[[Subject], Started]
) -> list[Run]:
    """Return each subject's run at its end; those before it in its lane are worked first.

    What a worker has taken is only watched.
    """
    with only_warnings():
        started = [start(subject) for subject in subjects]
        for subject, each in zip(subjects, started, strict=True):
            _follow_with_those_before(command, str(subject), each)
    return [each.run for each in started]


def _follow_with_those_before(command: BaseCommand, name: str, started: Started) -> None:
    before = list(ahead_of(started.run))
    if not started.is_new:
        command.stdout.write(f"{name}: {JOINED}")
    elif before:
        command.stdout.write(f"{name}: {WAITS}")
    for other in before:
        _follow(command, other)
    _follow(command, started.run)


def _follow(command: BaseCommand, run: Run) -> None:
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(command, run, over), daemon=True)
    watching.start()
    try:
        _work(run)
        while run.state in Run.OPEN:
            time.sleep(POLL_SECONDS)
            # Nothing while somebody has it; and it is ours again when a pause that the vendor
            # asked for is over.
            _work(run)
    finally:
        over.set()
        watching.join()
    _show(command, run, end="\n")


def _work(run: Run) -> None:
    execute(run.pk)
    run.refresh_from_db()


def _watch(command: BaseCommand, run: Run, over: threading.Event) -> None:
    if command.stdout.isatty():
        while not over.wait(POLL_SECONDS):
            _show(command, Run.objects.get(pk=run.pk))
    connection.close()


def _show(command: BaseCommand, run: Run, end: str = "") -> None:
    begin = ""
    if command.stdout.isatty():
        begin = AGAIN
    command.stdout.write(f"{begin}{line(run)}", ending=end)
    command.stdout.flush()


def line(run: Run) -> str:
    """Return a bar where the end is known, and what was done so far."""
    progress = run_progress.of(run)
    words = [*progress.so_far, str(run.get_state_display()).lower()]
    if progress.share is None:
        return ", ".join(words)
    filled = BAR * progress.share // 100
    return f"[{'#' * filled}{'.' * (BAR - filled)}] {progress.share} %, {', '.join(words)}"
