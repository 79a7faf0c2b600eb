"""The registry of the old system: its table client_registry as CSV or JSON."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from bison.keys import importing, moving
from bison.keys.terminal import describe, read_file, tried
from core.commands import KeyedCommand

ACTOR = "import_client_registry"


class Command(KeyedCommand):
    help = (
        "Import an export of the old client_registry (CSV, or JSON as Supabase gives it): entries "
        "that are missing are made, keys wait until they have worked. May be run again. Exit code "
        "0: all is in use; 1: something is bad or a key does not work; 2: the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and do nothing"
        )
        parser.add_argument(
            "--only-good", action="store_true", help="take the good rows where others are bad"
        )

    def handle(
        self,
        *_args: Any,
        file: Path,
        dry_run: bool = False,
        only_good: bool = False,
        **_options: Any,
    ) -> None:
        moved = moving.look(read_file(file))
        self.stdout.write(
            f"{moved.rows} entries, {len(moved.made)} of them new, "
            f"{len(moved.file.lines)} with a key"
        )
        is_good = only_good or not moved.file.problems
        if not dry_run and is_good:
            moving.make(moved, actor=ACTOR)
        if dry_run and moved.made:
            # Their keys can be looked at only once they have an entry.
            new = {workspace.workspace_name for workspace in moved.made}
            moved.file.lines = [
                line for line in moved.file.lines if line.cells["workspace_name"] not in new
            ]
        done = importing.import_keys(
            moved.file,
            actor=ACTOR,
            dry_run=dry_run or not is_good,
            only_good=only_good,
            trigger="command",
        )
        describe(self, done)
        if done.run is not None:
            tried(self, done.run)
        if done.problems:
            raise CommandError(f"{len(done.problems)} problems: see above.", returncode=1)
