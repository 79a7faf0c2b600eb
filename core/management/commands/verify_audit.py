"""Read the whole audit log and report every row that was changed, removed, inserted or moved."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from core import audit
from core.audit import chain, verifying
from core.commands import KeyedCommand


class Command(KeyedCommand):
    help = (
        "Check the audit log's chain. Exit code 0: as it was written; 1: problems, each named. "
        "The printed head, kept elsewhere, proves later with --expect that nothing was cut off."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            metavar="NUMBER:HASH",
            help="a head printed earlier, which must still be there",
        )
        parser.add_argument(
            "--accept",
            metavar="REASON",
            help=(
                "after a fault was looked into (a restored backup, say): record the reason and "
                "carry the chain on"
            ),
        )

    def handle(
        self, *_args: Any, expect: str | None = None, accept: str | None = None, **_options: Any
    ) -> None:
        expected = None
        if expect:
            expected = _head(expect)
        found = audit.verify(expected)
        for problem in found.problems:
            self.stdout.write(self.style.ERROR(str(problem.text)))
        if found.problem_count > len(found.problems):
            self.stdout.write(f"… and {found.problem_count - len(found.problems)} more.")
        speed = ""
        if found.seconds:
            speed = f"{found.rows / found.seconds:,.0f} rows/s"
        self.stdout.write(
            f"{found.rows} rows, {found.problem_count} problems, {found.seconds:.1f} s ({speed})"
        )
        self.stdout.write(f"Head: {found.head}:{found.head_hash}")
        if found.intact:
            verifying.note(found, actor="verify_audit")
            return
        if not accept:
            raise CommandError("The audit log is not as it was written.", returncode=1)
        with transaction.atomic():
            audit.record_accepted(accept, found.problem_count)
        self.stdout.write("The fault is on record; the chain carries on.")


def _head(text: str) -> tuple[int, str]:
    sequence, _colon, hash_ = text.partition(":")
    if not sequence.isdecimal() or len(hash_) != len(chain.START):
        raise CommandError(
            "--expect takes a head as this command prints it: NUMBER:HASH", returncode=2
        )
    return int(sequence), hash_
