"""The runs: what is suppressed is blocked and unsubscribed in every workspace, read back,
and said to be done.

One way through for all of them: a few workspaces at once, and one after another those that share a
key. A trial run (`dry_run`) looks and decides as the others do, and then does nothing. The check is
a run over everything, for which what is missing now and was there before has been undone.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from bison import evidence, rounds
from bison.models import Workspace, WorkspaceResult
from bison.suppression import incidents, storing
from bison.suppression.planning import Wanted
from bison.suppression.values import Value
from bison.suppression.workspaces import Part, SetOut
from core import runs
from core.runs.attempt import Work
from core.words import sayings

State = WorkspaceResult.State
LOCK: Final = "bison.suppress"
NOT_EVERYWHERE: Final = _("Not in effect in %(count)d of the workspaces yet. Each says why.")
WORDS: Final = {
    "values": _("Values"),
    "workspaces": _("Workspaces"),
    "blocked": _("Blocked now"),
    "blocked_before": _("Blocked before"),
    "unsubscribed": _("Leads unsubscribed now"),
    "unsubscribed_before": _("Leads unsubscribed before"),
    "without_leads": _("Without a lead"),
    "unconfirmed": _("Not confirmed"),
    "unblocked": _("No longer blocked"),
    "resubscribed": _("Leads subscribed again"),
    "undone": _("Undone at the vendor"),
    "repaired": _("Repaired"),
    "complete": _("Complete"),
    "incomplete": _("Incomplete"),
    "refused": _("Refused"),
    "failed": _("Failed"),
}


def work(run: Work) -> None:
    """Go through the workspaces that have something to do, each once in all attempts of the run."""
    wish = run.parameters
    ids, waiting = _ids(wish), bool(wish.get("waiting"))
    if wish.get("dry_run"):
        _try_out(run, wish)
        return
    storing.lay_out(ids)

    def part_of(workspace: Workspace) -> Part:
        rows = storing.of_workspace(workspace, ids, waiting=waiting)
        return Part(run, workspace, [Wanted.of(row) for row in rows], rows, set_out)

    set_out = SetOut(run)
    _go_through(run, storing.workspaces_with(ids, waiting=waiting), Part.KIND, part_of)
    if run.cancelled:
        return
    storing.forget_lifted()
    _conclude(run)
    if wish.get("check"):
        incidents.observe(run.run)


def _try_out(run: Work, wish: dict[str, Any]) -> None:
    """Look and decide; nothing is written, at the vendor or of the suppressions."""
    wanted = [
        Wanted(Value(text, kind), is_confirmed=bool(wish.get("confirmed")))
        for text, kind in wish["values"]
    ]

    def part_of(workspace: Workspace) -> Part:
        return Part(run, workspace, wanted, rows=None)

    _go_through(run, storing.workspaces_in(wish["workspaces"]), Part.TRIAL, part_of)
    if not run.cancelled:
        _conclude(run)


def _go_through(
    run: Work, workspaces: Iterable[Workspace], kind: str, part_of: Callable[[Workspace], Part]
) -> None:
    """Work the part of each workspace that has no result yet."""
    results = WorkspaceResult.objects.filter(run=run.run, kind=kind)
    done = set(results.values_list("workspace_id", flat=True))
    left = [workspace for workspace in workspaces if workspace.pk not in done]
    progress = rounds.Progress(run, done=len(done), total=len(done) + len(left))

    def work_this(workspace: Workspace) -> None:
        part_of(workspace).work()
        progress.one_more()

    rounds.each(left, work_this, stops=lambda: run.cancelled)


def _conclude(run: Work) -> None:
    """Say what each workspace came to; the run has succeeded only where every one is complete."""
    results = WorkspaceResult.objects.filter(run=run.run).select_related("workspace")
    found = {}
    for result in results.order_by("workspace__workspace_name"):
        facts: dict[str, Any] = {"state": result.state, **result.counts}
        if result.reason:
            facts["reason"] = sayings.say(result.reason_said, result.reason)
        found[result.workspace.workspace_name] = facts
    run.evidence(**evidence.bounded(found))
    short = sum(facts["state"] != State.COMPLETE for facts in found.values())
    if short:
        run.incomplete(NOT_EVERYWHERE, count=short)


def _ids(wish: dict[str, Any]) -> list[UUID] | None:
    ids = wish.get("ids")
    if ids is None:
        return None
    return [UUID(each) for each in ids]


def start(
    ids: Sequence[UUID], *, started_by: Any, trigger: str, parent: Any = None
) -> runs.Started:
    """Start the run that puts these into effect, or lets go of them."""
    wish = {"ids": sorted(str(each) for each in ids)}
    return runs.start(
        KIND, None, wish, started_by=person_or_none(started_by), trigger=trigger, parent=parent
    )


def start_waiting(*, trigger: str) -> runs.Started:
    """Start the run that does what waits."""
    return runs.start(KIND, None, {"waiting": True}, trigger=trigger)


def start_trial(
    values: Sequence[Value],
    workspaces: Sequence[UUID] | None,
    *,
    confirmed: bool,
    started_by: Any,
    trigger: str,
) -> runs.Started:
    """Start a trial run; `workspaces` None: all."""
    wish = {
        "dry_run": True,
        "values": sorted([value.text, str(value.kind)] for value in values),
        "workspaces": None if workspaces is None else sorted(str(each) for each in workspaces),
        "confirmed": confirmed,
    }
    return runs.start(KIND, None, wish, started_by=person_or_none(started_by), trigger=trigger)


def start_check(*, started_by: Any = None, trigger: str) -> runs.Started:
    """Start the run that reads everything back, and repairs what was undone."""
    return runs.start(
        CHECK, None, {"check": True}, started_by=person_or_none(started_by), trigger=trigger
    )


def person_or_none(actor: Any) -> Any:
    """Return who a run can be said to be started by: a person, and no rule or command."""
    if getattr(actor, "is_authenticated", False):
        return actor
    return None


KIND: Final = runs.Kind(
    "bison.suppress",
    _("Suppression"),
    work="bison.suppression.applying.work",
    words=WORDS,
    so_far=("blocked", "unsubscribed"),
    lock=LOCK,
)
CHECK: Final = runs.Kind(
    "bison.check_suppressions",
    _("Suppression check"),
    work="bison.suppression.applying.work",
    words=WORDS,
    so_far=("undone", "repaired"),
    lock=LOCK,
)
