"""Workspace keys made at Email Bison, for every workspace that has none."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from bison.keys import bulk_making
from bison.keys.terminal import finished
from bison.models import Instance
from core.commands import KeyedCommand
from core.runs import terminal


class Command(KeyedCommand):
    help = (
        "Have a key made for each workspace that has none, try it and use it, two seconds between "
        "two requests. Safe to stop and start again. Exit code 0: each has a key that works, or it "
        "was only asked which have none; 1: one has none, and why; 2: no instance."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--instance", metavar="SLUG", help="only at this instance")
        parser.add_argument(
            "--all-missing", action="store_true", help="do it; without, only say which have none"
        )

    def handle(
        self, *_args: Any, instance: str | None = None, all_missing: bool = False, **_options: Any
    ) -> None:
        found = list(Instance.objects.select_related("account").order_by("slug"))
        if instance is not None:
            found = [each for each in found if each.slug == instance]
        if not found:
            raise CommandError("There is no such instance.", returncode=2)
        missing = {
            each: list(bulk_making.without_key(each).order_by("workspace_name")) for each in found
        }
        for each, workspaces in missing.items():
            names = ", ".join(workspace.workspace_name for workspace in workspaces) or "none"
            self.stdout.write(f"{each.slug}: {len(workspaces)} without a key: {names}")
        if not all_missing:
            self.stdout.write("Nothing was made: use --all-missing to have keys made for these.")
            return
        wanted = [each for each, workspaces in missing.items() if workspaces]
        runs = terminal.follow(
            self, wanted, lambda each: bulk_making.start(each, missing[each], trigger="command")
        )
        finished(self, *runs)
