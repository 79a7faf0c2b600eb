"""Seal every stored secret under the newest key of the ring."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core import audit
from core.commands import OPENS_NOTHING
from core.health.logs import only_warnings
from core.health.readiness import ring_opens_database
from core.secrets import rotation

BAR = 30


class Command(BaseCommand):
    help = (
        "Re-encrypt every stored secret under the newest key, while the site runs. Safe to stop at "
        "any moment and to start again. Exit code 0: none is left under an old key; 1: some open "
        "with no key of the ring (each is named and left as it is); 2: some are still written "
        "under an old key, by a process that runs with the old ring; 3: --from-fernet without "
        "FERNET_KEYS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from-fernet",
            action="store_true",
            help="also take over values that django-fernet-fields wrote (with FERNET_KEYS)",
        )

    def handle(self, *_args: Any, from_fernet: bool = False, **_options: Any) -> None:
        _refuse_without_keys(from_fernet)
        with only_warnings():
            report = rotation.rotate(self._show, from_fernet=from_fernet)
        for value in report.unreadable:
            self.stdout.write(self.style.ERROR(f"No key opens {value}"))
        left = f"{report.under_old_keys} under old keys"
        self.stdout.write(f"{report.values} values, {left} ({report.resealed} resealed)")
        with transaction.atomic():
            audit.record(
                "secret.rotated",
                actor="rotate_encryption_keys",
                values=report.values,
                resealed=report.resealed,
                under_old_keys=report.under_old_keys,
                unreadable=len(report.unreadable),
            )
        _complain(report)

    def _show(self, done: int, total: int) -> None:
        filled = BAR
        if total:
            filled = BAR * done // total
        end = "\n"
        if self.stdout.isatty() and done < total:
            end = ""
        self.stdout.write(
            f"\r[{'#' * filled}{'.' * (BAR - filled)}] {done:,} of {total:,}", ending=end
        )
        self.stdout.flush()


def _refuse_without_keys(from_fernet: bool) -> None:
    if from_fernet and not any(settings.FERNET_KEYS):
        raise CommandError(
            "FERNET_KEYS is not set: --from-fernet takes values over with them.", returncode=3
        )
    if ring_opens_database() is False:
        raise CommandError(OPENS_NOTHING, returncode=1)


def _complain(report: rotation.Report) -> None:
    if report.under_old_keys:
        text = (
            "Values are still written under an old key: restart every process with the new ring, "
            "then run again."
        )
        raise CommandError(text, returncode=2)
    if report.unreadable:
        text = (
            f"{len(report.unreadable)} values open with no key of the ring: remove none; "
            "see docs/security.md."
        )
        raise CommandError(text, returncode=1)
