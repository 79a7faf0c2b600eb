"""Bring the key and the webhook secret of the environment into the database,
where pages can change them.
"""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from core import vendors
from core.commands import KeyedCommand
from core.masking import Secret
from core.secrets.crypto import CannotOpen
from fathom_sync import accounts
from fathom_sync.accounts import config
from fathom_sync.accounts.vendor import FATHOM
from fathom_sync.serializers.settings import masked_key

ACTOR = "migrate_fathom_credentials"


class Command(KeyedCommand):
    help = (
        "Copy FATHOM_API_KEY and FATHOM_WEBHOOK_SECRET into the database. May be run again at any "
        "time. Exit code 0: the database holds what the environment says, or there is nothing to "
        "copy; 1: something was not copied."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--replace", action="store_true", help="also where another value is stored already"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and do nothing"
        )

    def handle(
        self, *_args: Any, replace: bool = False, dry_run: bool = False, **_options: Any
    ) -> None:
        refused = 0
        for key in (config.API_KEY, config.WEBHOOK_SECRET):
            with transaction.atomic():
                done, report = _copied(key, replace=replace, dry_run=dry_run)
            self.stdout.write(f"{FATHOM.field(key).env}: {report}")
            refused += not done
        if refused:
            raise CommandError("Not everything was copied.", returncode=1)
        self.stdout.write(
            "The lines in .env are no longer needed where this says that a value is stored."
        )


def _copied(key: str, *, replace: bool, dry_run: bool) -> tuple[bool, str]:
    """Tell whether the database now holds what the environment says, and the words for it."""
    field = FATHOM.field(key)
    given = os.environ.get(field.env, "").strip()
    if not given:
        return True, "not set in the environment; nothing to copy."
    shown: str | None = "a value"
    if key == config.API_KEY:
        shown = masked_key(Secret(given))
    try:
        field.check(given)
    except ValidationError as error:
        return False, f"not copied. {' '.join(error.messages)}"
    account = accounts.installation()
    values = vendors.stored(accounts.link_of(account))
    stored = values.secret(key) if key in values else None
    if stored is not None and _is(stored, given):
        return True, f"{shown} is stored already; nothing was changed."
    if stored is not None and not replace:
        return (
            False,
            "not copied: another value is stored. Use --replace to put this one in its place.",
        )
    if dry_run:
        return True, f"{shown} would be stored."
    vendors.store(accounts.link_of(account, makes=True), {key: given}, actor=ACTOR, insist=True)
    return True, f"{shown} is now stored, encrypted."


def _is(stored: Secret, given: str) -> bool:
    try:
        return stored == Secret(given)
    except CannotOpen:
        return False
