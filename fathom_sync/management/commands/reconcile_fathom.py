"""Hold Fathom's list against what is here, close the gaps, and say whether all is here."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from core.commands import KeyedCommand
from core.models import Run
from core.runs import terminal
from fathom_sync import accounts
from fathom_sync.ledger import reconciling
from fathom_sync.syncs import starting


class Command(KeyedCommand):
    help = (
        "Compare what Fathom lists with what is here, for every account that has a key, and fetch "
        "what is missing. Exit code 0: nothing is missing; 1: something is, or a check failed; 2: "
        "no account has a key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            help="so many days back; without: thirty, and now and then everything",
        )

    def handle(self, *_args: Any, days: int | None = None, **_options: Any) -> None:
        if days is not None and not 1 <= days <= reconciling.MOST_DAYS:
            raise CommandError(f"--days goes from 1 to {reconciling.MOST_DAYS}.", returncode=2)
        found = accounts.configured()
        if not found:
            raise CommandError(starting.NO_KEY, returncode=2)
        runs = terminal.follow(
            self,
            found,
            lambda account: reconciling.start_reconcile(account, days=days, trigger="command"),
        )
        for account, run in zip(found, runs, strict=True):
            counted = run.evidence.get("ledger", {})
            self.stdout.write(f"{account}: {_said(counted)}")
        if any(run.state != Run.State.SUCCEEDED for run in runs):
            error = next((run.why for run in runs if run.error), "A check did not succeed.")
            raise CommandError(error, returncode=1)


def _said(counted: dict[str, int]) -> str:
    """Return what the check saw, and what became of that here."""
    if not counted:
        return "nothing was checked"
    words = ", ".join(
        f"{counted[name]} {words}"
        for name, words in (
            ("at_vendor", "at Fathom"),
            ("here", "here"),
            ("skipped", "skipped"),
            ("errors", "errors"),
            ("missing", "missing"),
        )
    )
    if counted["gone"]:
        words += f"; {counted['gone']} not listed there any more"
    if counted["earlier_key"]:
        words += f"; {counted['earlier_key']} listed by an earlier key, not checked by this one"
    return words
