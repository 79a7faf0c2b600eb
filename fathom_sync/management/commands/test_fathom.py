"""Try the stored keys at Fathom, as the button on the page does."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from core.commands import KeyedCommand
from fathom_sync import accounts
from fathom_sync.accounts import connection
from fathom_sync.models import FathomAccount


class Command(KeyedCommand):
    help = (
        "Test the connection of every Fathom account that has a key, or of one. "
        "Exit code 0: all work; 1: at least one does not; 2: there is no key to test, or "
        "no such account."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="ID", type=UUID, help="only this account")

    def handle(self, *_args: Any, account: UUID | None = None, **_options: Any) -> None:
        found = [row for row in accounts.configured() if account in (None, row.pk)]
        if not found:
            raise CommandError("There is no Fathom account with a key here.", returncode=2)
        failed = sum(not self._works(row) for row in found)
        if failed:
            raise CommandError(f"{failed} of {len(found)} connections do not work.", returncode=1)
        self.stdout.write(f"{len(found)} of {len(found)} connections work.")

    def _works(self, account: FathomAccount) -> bool:
        result = connection.check(account, actor="test_fathom")
        facts = result.facts
        if result.success:
            count = f"{facts['calls_count']} calls"
            if not facts["calls_count_is_exact"]:
                count = f"{facts['calls_count']} or more calls"
            line = self.style.SUCCESS(
                f"{result.message} Team: {facts['team_name'] or 'none'}; {count}."
            )
        else:
            line = self.style.ERROR(result.message)
        self.stdout.write(f"{account} ({account.pk}): {line}")
        return result.success
