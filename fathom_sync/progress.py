"""Runs followed from a terminal: worked here, or by the worker that has them already, with a bar that is true."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from django.core.management.base import BaseCommand
from django.db import connection

from core.models import Run

BAR: Final = 30
POLL_SECONDS: Final = 0.5
NO_KEY: Final = "No account has an API key. Set FATHOM_API_KEY or enter one in the settings."


def follow(command: BaseCommand, runs: Sequence[Run], work: Callable[[str], None]) -> list[Run]:
    """Each run at its end. What a worker has taken is only watched."""
    return [_follow(command, run, work) for run in runs]


def _follow(command: BaseCommand, run: Run, work: Callable[[str], None]) -> Run:
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(command, run, over), daemon=True)
    watching.start()
    try:
        work(str(run.pk))
        run.refresh_from_db()
        while run.state in Run.OPEN:
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()
    finally:
        over.set()
        watching.join()
    _show(command, run, end="\n")
    return run


def _watch(command: BaseCommand, run: Run, over: threading.Event) -> None:
    if command.stdout.isatty():
        while not over.wait(POLL_SECONDS):
            _show(command, Run.objects.get(pk=run.pk))
    connection.close()


def _show(command: BaseCommand, run: Run, end: str = "") -> None:
    """A bar where the end is known, else how many so far."""
    processed = run.counts.get("processed", 0)
    done, total = run.progress_done, run.progress_total
    filled = BAR * done // total if total else BAR if run.state not in Run.OPEN else 0
    bar = f"[{'#' * filled}{'.' * (BAR - filled)}]"
    command.stdout.write(f"\r{bar} {processed:,} meetings, {run.state}", ending=end)
    command.stdout.flush()
