"""Sync e-mail accounts here and now, with a bar."""

from argparse import ArgumentParser
from typing import Any

from bison.syncs import commanding, kinds
from core.commands import KeyedCommand


class Command(KeyedCommand):
    help = (
        "Fetch the e-mail accounts of every workspace from Email Bison. Safe to stop and start "
        "again. Exit code 0: every workspace has as many as Email Bison says; 1: some could not be "
        "proved; 2: there is nothing to sync."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--instance", help="the workspaces of this instance alone")
        parser.add_argument(
            "--workspace", action="append", help="this workspace alone; may be given several times"
        )

    def handle(
        self,
        *_args: Any,
        instance: str | None = None,
        workspace: list[str] | None = None,
        **_options: Any,
    ) -> None:
        commanding.follow(self, kinds.EMAIL_ACCOUNTS, instance=instance, workspaces=workspace)
