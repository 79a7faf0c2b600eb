"""Workspace keys from a CSV file: looked at, stored as the next keys, tried,
and used once they worked.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from bison.keys import importing
from bison.keys.terminal import describe, read_file, tried
from core.commands import KeyedCommand


class Command(KeyedCommand):
    help = (
        "Import keys from a CSV file with the columns workspace_name, bison_instance, api_key, "
        "api_key_name and api_key_type. Nothing is written while a row is bad, unless --only-good. "
        "Exit code 0: every key is in use (or every row is good, with --dry-run); 1: something is "
        "bad, or a key does not work; 2: the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what is good and bad, and do nothing"
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
        done = importing.import_keys(
            read_file(file),
            actor="import_api_keys",
            dry_run=dry_run,
            only_good=only_good,
            trigger="command",
        )
        describe(self, done)
        if done.run is not None:
            tried(self, done.run)
        if done.problems:
            raise CommandError(f"{len(done.problems)} problems: see above.", returncode=1)
