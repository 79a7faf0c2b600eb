"""Fetch all that workspaces have, over any days, with a bar."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from bison.syncs import commanding, kinds
from core.commands import KeyedCommand


def day(text: str) -> date:
    """Return the day that was written."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("a day has the form 2026-03-01") from error


class Command(KeyedCommand):
    help = (
        "Fetch e-mail accounts, campaigns, replies and the figures of each day from Email Bison, "
        "for every workspace. Safe to stop and start again: what is done already is not done "
        "twice. Exit code 0: all of it is proved; 1: some is not; 2: there is nothing to fetch."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", dest="first", type=day, help="the first day; without: ninety days back"
        )
        parser.add_argument("--to", dest="last", type=day, help="the last day; without: today")
        parser.add_argument("--instance", help="the workspaces of this instance alone")
        parser.add_argument(
            "--workspace", action="append", help="this workspace alone; may be given several times"
        )

    def handle(
        self,
        *_args: Any,
        first: date | None = None,
        last: date | None = None,
        instance: str | None = None,
        workspace: list[str] | None = None,
        **_options: Any,
    ) -> None:
        commanding.follow(
            self, kinds.BACKFILL, instance=instance, workspaces=workspace, first=first, last=last
        )
