"""What the commands that start syncs do alike: start, follow with a bar,
and say what each workspace proved.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from bison.syncs.starting import start_sync
from core.models import Run
from core.runs import terminal


def follow(command: BaseCommand, kind: str, **wish: Any) -> None:
    """Run a sync in a terminal. Exit code 1 where it is not complete,
    2 for what cannot be asked for.
    """
    try:
        [run] = terminal.follow(
            command, [kind], lambda name: start_sync(name, trigger="command", **wish)
        )
    except ValidationError as error:
        raise CommandError(" ".join(error.messages), returncode=2) from error
    workspaces = run.evidence.get("workspaces", {})
    for name, facts in workspaces.items():
        at_vendor = facts["at_vendor"]
        if at_vendor is None:
            at_vendor = "?"
        command.stdout.write(
            f"{name}: {at_vendor} at Email Bison, {facts['here']} in Koppel, {facts['state']}"
        )
        if facts.get("reason"):
            command.stdout.write(f"    {facts['reason']}")
    for state, count in run.evidence.get("states", {}).items():
        command.stdout.write(f"{count} {state}")
    if run.state != Run.State.SUCCEEDED:
        raise CommandError(run.why or "The sync did not come to its end.", returncode=1)
