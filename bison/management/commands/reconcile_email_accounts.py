"""Hold our e-mail accounts against the vendor's list and an exported file,
and say where they differ.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError

from bison.models import Workspace
from bison.syncs import reconcile, starting
from core.commands import KeyedCommand

SHOWN: Final = 20
UNKNOWN: Final = "?"


class Command(KeyedCommand):
    help = (
        "Compare the e-mail accounts in Koppel with those that Email Bison lists and, with --csv, "
        "with an exported file, workspace by workspace. Changes nothing. Exit code 0: all are "
        "equal; 1: some differ, or a list could not be read; 2: there is nothing to compare, or "
        "the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--csv", type=Path, help="an exported file with a column email, and workspace_name"
        )
        parser.add_argument(
            "--workspace", action="append", help="this workspace alone; may be given several times"
        )
        parser.add_argument("--instance", help="the workspaces of this instance alone")

    def handle(
        self,
        *_args: Any,
        csv: Path | None = None,
        workspace: list[str] | None = None,
        instance: str | None = None,
        **_options: Any,
    ) -> None:
        found = list(starting.workspaces_of({"instance": instance, "workspaces": workspace}))
        if not found or len(found) < len(set(workspace or ())):
            raise CommandError("There are no workspaces of these names.", returncode=2)
        exported = None
        if csv is not None:
            exported = _read(csv, found)
            self._name_strangers(exported, found)
        width = max(len(each.workspace_name) for each in found)
        columns = ["Koppel", "Email Bison", *(["CSV"] if csv is not None else [])]
        self.stdout.write(f"{'Workspace':{width}}  {'  '.join(f'{name:>11}' for name in columns)}")
        compared = [self._compare(each, exported, width) for each in found]
        different = sum(1 for each in compared if not each.is_equal)
        if different:
            raise CommandError(f"{different} of {len(found)} workspaces differ.", returncode=1)
        self.stdout.write(f"All {len(found)} workspaces are equal.")

    def _compare(
        self, workspace: Workspace, exported: dict[str, list[str]] | None, width: int
    ) -> reconcile.Compared:
        found = reconcile.compare(workspace, exported)
        counts = [UNKNOWN if side.addresses is None else str(side.count) for side in found.sides]
        state = "equal" if found.is_equal else "different"
        figures = "  ".join(f"{count:>11}" for count in counts)
        self.stdout.write(f"{workspace.workspace_name:{width}}  {figures}  {state}")
        if found.is_equal:
            return found
        names = ("Koppel", "Email Bison", "the file")
        for name, side in zip(names, found.sides, strict=False):
            if side.reason:
                self.stdout.write(f"    {name}: {side.reason}")
            extra = found.only_in(side)
            if extra:
                more = f" and {len(extra) - SHOWN} more" if len(extra) > SHOWN else ""
                self.stdout.write(
                    f"    in {name}, not everywhere: {', '.join(extra[:SHOWN])}{more}"
                )
        return found

    def _name_strangers(self, exported: dict[str, list[str]], found: list[Workspace]) -> None:
        """Say which workspaces of the file are not compared."""
        known = {each.workspace_name.casefold() for each in found}
        strangers = sorted(name for name in exported if name not in known)
        if strangers:
            self.stdout.write(
                f"Not compared, as Koppel has no such workspace: {', '.join(strangers[:SHOWN])}"
            )


def _read(path: Path, found: list[Workspace]) -> dict[str, list[str]]:
    only = found[0].workspace_name if len(found) == 1 else ""
    try:
        return reconcile.read(path.read_bytes(), only)
    except (OSError, reconcile.BadFile) as error:
        raise CommandError(f"{path}: {error}", returncode=2) from error
