"""Sync Fathom here and now, with a bar."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from core.commands import KeyedCommand
from core.models import Run
from core.runs import terminal
from fathom_sync import accounts
from fathom_sync.meetings import storing
from fathom_sync.syncs import cron, plans, starting, sync


class Command(KeyedCommand):
    help = (
        "Fetch meetings from Fathom for every account that has a key. Safe to stop and start "
        "again. A sync that is under way already is joined or, where it does not do all that was "
        "asked for, followed by the wanted one. Exit code 0: all is here or has a reason; 1: a "
        "sync failed or could not vouch for all; 2: no account has a key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--hours", type=int, help="so many hours back, 1 to 8760; without: what is new"
        )
        parser.add_argument("--reset", action="store_true", help="look through everything again")

    def handle(
        self, *_args: Any, hours: int | None = None, reset: bool = False, **_options: Any
    ) -> None:
        if hours is not None and not 1 <= hours <= plans.MOST_HOURS:
            raise CommandError(f"--hours goes from 1 to {plans.MOST_HOURS}.", returncode=2)
        found = accounts.configured()
        if not found:
            raise CommandError(starting.NO_KEY, returncode=2)
        runs = terminal.follow(
            self,
            found,
            lambda account: sync.start_sync(account, hours=hours, reset=reset, trigger="command"),
        )
        done = cron.add_up(runs)
        unchanged = done.outcomes.get(storing.DUPLICATE, 0)
        self.stdout.write(
            f"{done.processed} processed, {done.imported} imported, {done.updated} updated, "
            f"{unchanged} unchanged, {done.skipped - unchanged} skipped, {done.errors} errors"
        )
        if any(run.state != Run.State.SUCCEEDED for run in runs):
            raise CommandError(done.error or "A sync did not succeed.", returncode=1)
