"""What commands say of keys that come in: each problem on a line,
and the trial of the keys with a bar.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from bison.keys.importing import Imported
from core import runs
from core.models import Run
from core.runs import terminal


def read_file(path: Path) -> bytes:
    """Return a file's content; exit code 2 for one that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from error


def describe(command: BaseCommand, done: Imported) -> None:
    """Write each problem, and the sum."""
    for problem in done.problems:
        where = "file"
        if problem.row:
            where = f"row {problem.row}"
        if problem.column:
            where = f"{where}, {problem.column}"
        command.stdout.write(command.style.ERROR(f"{where}: {problem.message}"))
    stored = f"{done.applied} stored"
    if done.is_stored_later:
        stored = "stored by the run, part by part"
    command.stdout.write(f"{done.rows} rows, {done.valid} good, {done.invalid} bad, {stored}")


def tried(command: BaseCommand, started: runs.Started) -> None:
    """Try the keys that were stored, with a bar; exit code 1 where one does not work."""
    (run,) = terminal.follow(command, ["keys"], lambda _name: started)
    finished(command, run)


def finished(command: BaseCommand, *done: Run) -> None:
    """Write why workspaces have no key that works; exit code 1 unless every run has succeeded."""
    for run in done:
        for name, why in sorted(run.evidence.get("failures", {}).items()):
            command.stdout.write(command.style.ERROR(f"{name}: {why}"))
        for name, what in sorted(run.evidence.get("lost_tokens", {}).items()):
            command.stdout.write(command.style.WARNING(f"{name}: {what}"))
    failed = [run for run in done if run.state != Run.State.SUCCEEDED]
    if failed:
        raise CommandError(failed[0].why or "Not every key works.", returncode=1)
