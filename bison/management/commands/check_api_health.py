"""Ask how every workspace of Email Bison is, now."""

from typing import Any

from django.core.management.base import CommandError

from bison import health
from bison.models import Workspace
from core.commands import KeyedCommand
from core.models import Run
from core.runs import terminal

# Of a round's outcomes, those after which all is well.
ALL_IS_WELL = {"healthy", "by_shared_key"}
NOT_WELL = {
    "failed": "failed",
    "bad_key": "have a key that is refused",
    "busy": "could not be asked: too many calls",
    "without_key": "have no key that may be used",
}


class Command(KeyedCommand):
    help = (
        "Call every workspace of Email Bison once and say how it went. Exit code 0: all is well; "
        "1: a workspace or an instance failed or could not be asked; 2: there is no workspace."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not Workspace.objects.filter(gone_at=None).exists():
            raise CommandError("There is no workspace to ask.", returncode=2)
        name = str(health.KIND.name)
        (run,) = terminal.follow(self, [name], lambda _name: health.start(trigger="command"))
        for slug, state in sorted(run.evidence.get("instances", {}).items()):
            self.stdout.write(f"{slug}: {state.replace('_', ' ')}")
        self.stdout.write(_counted(run))
        if run.state != Run.State.SUCCEEDED:
            raise CommandError(run.why or "The round did not come to its end.", returncode=1)
        if not _is_well(run):
            raise CommandError("Not every workspace is well.", returncode=1)


def _counted(run: Run) -> str:
    well = sum(count for name, count in run.outcomes.items() if name in ALL_IS_WELL)
    words = [f"{run.counts.get('asked', 0)} workspaces, {well} well"]
    shared = run.outcomes.get("by_shared_key", 0)
    if shared:
        words.append(f"of these {shared} as the shared key says")
    words += [
        f"{run.outcomes[name]} {text}" for name, text in NOT_WELL.items() if run.outcomes.get(name)
    ]
    return ", ".join(words)


def _is_well(run: Run) -> bool:
    states = run.evidence.get("instances", {}).values()
    return set(run.outcomes) <= ALL_IS_WELL and set(states) <= {"healthy", "not_asked"}
