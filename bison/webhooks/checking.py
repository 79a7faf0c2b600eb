"""Every quarter of an hour each workspace's webhook is looked at:
what somebody changed is known within a round.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from bison import evidence, rounds
from bison.models import Instance, Workspace
from bison.rounds import Result, State
from bison.webhooks import registering, status
from bison.webhooks.hooks import BeingChanged
from core import runs
from core.models import Run
from core.runs.attempt import Work
from core.runs.kinds import Kind

# A sync of a large workspace has the key of all for some minutes.
KEY_PATIENCE: Final = 300.0
NOT_ALL: Final = _("Workspaces that could not be looked at: %(count)d. The next round looks again.")
KIND: Final = Kind(
    "bison.webhooks",
    _("Check of Email Bison's webhooks"),
    "bison.webhooks.checking.work",
    words={
        "checked": _("Checked"),
        "as_they_should_be": _("As they should be"),
        "drifted": _("Changed at Email Bison"),
        "not_checked": _("Could not be checked"),
        "being_changed": _("Just being changed"),
        "workspaces": _("Workspaces"),
    },
    so_far=("checked",),
)


def start(*, trigger: str, started_by: Any = None) -> runs.Started:
    """Look at all webhooks; a round that is under way is joined."""
    return runs.start(KIND, trigger=trigger, started_by=started_by)


def work(run: Work) -> None:
    """Look at each workspace's webhook, then say of each instance how its webhooks are."""
    wanted = Workspace.objects.filter(gone_at=None).exclude(
        bison_webhook_enabled=False, bison_webhook_id=None
    )
    workspaces = list(
        wanted.select_related("instance__account", "organization").order_by("workspace_name")
    )
    run.progress(total=len(workspaces))
    results: list[Result] = []
    failed = 0

    def do(workspace: Workspace) -> Result:
        return _look(workspace, run)

    for number, result in enumerate(rounds.results(workspaces, do, stops=lambda: run.cancelled), 1):
        results.append(result)
        failed += not result.is_complete
        run.progress(done=number)
        run.add(counts={"checked": 1}, outcomes={_outcome(result): 1})
    for instance in Instance.objects.all():
        status.report(instance)
    evidence.keep(run, "webhooks", results)
    run.must_add_up("checked")
    if failed:
        run.incomplete(NOT_ALL, count=failed)


def _look(workspace: Workspace, run: Work) -> Result:
    try:
        found = registering.check(
            workspace,
            triggered_by=run.run.trigger or "clock",
            run_id=run.run.pk,
            patience=0,
            key_patience=KEY_PATIENCE,
        )
    except BeingChanged:
        return Result(workspace, State.COMPLETE, facts={"being_changed": True})
    return Result(found, State.COMPLETE, facts={"drift": found.webhook_drift})


def _outcome(result: Result) -> str:
    if not result.is_complete:
        return "not_checked"
    if result.facts.get("being_changed"):
        return "being_changed"
    if result.facts.get("drift"):
        return "drifted"
    return "as_they_should_be"


def latest() -> Run | None:
    """Return the newest round, as pages show it."""
    return Run.objects.filter(kind=KIND.key).order_by("-pk").first()
