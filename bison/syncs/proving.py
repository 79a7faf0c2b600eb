"""What a run's workspaces prove together: a row for each part, each workspace's evidence,
and the run's own word.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import evidence
from bison.models import WorkspaceResult
from bison.syncs.parts import State, Task
from bison.syncs.working import Worked
from core.runs.attempt import Work
from core.words.sayings import Saying

NOT_PROVED: Final = _("Not proved: %(count)d of %(total)d (%(names)s).")
# Names that an error shows; the evidence has more of them.
NAMES_SHOWN: Final = 5


def keep(run_id: UUID, task: Task, worked: Worked) -> bool:
    """Write what a part found, and tell whether it had no result before."""
    found = worked.found
    why = found.why or Saying("")
    values: dict[str, Any] = {
        "state": worked.state,
        "at_vendor": found.at_vendor,
        "in_koppel": found.in_koppel,
        "counts": {"left_out": dict(found.left_out), "outcomes": dict(found.outcomes)},
        "reason": why.plain,
        "reason_said": why.kept() if why.text else {},
        "key_type": worked.key_type,
        "thrown_away": min(worked.thrown_away, 32_000),
        "finished_at": timezone.now(),
    }
    _row, is_new = WorkspaceResult.objects.get_or_create(
        run_id=run_id, workspace=task.workspace, kind=task.name, defaults=values
    )
    return is_new


def results_of(run_id: UUID) -> list[WorkspaceResult]:
    """Return all results of a run."""
    found = WorkspaceResult.objects.filter(run=run_id).select_related("workspace__instance")
    return list(found.order_by("workspace__workspace_name", "kind"))


def prove(run: Work, results: Sequence[WorkspaceResult]) -> None:
    """Say of each workspace what was found; the run succeeds only where every
    one of them is complete.
    """
    by_name: dict[str, list[WorkspaceResult]] = {}
    for result in results:
        by_name.setdefault(result.workspace.workspace_name, []).append(result)
    found = {name: _evidence(each) for name, each in by_name.items()}
    run.evidence(**evidence.bounded(found))
    open_ones = [name for name, facts in found.items() if facts["state"] != State.COMPLETE]
    if open_ones:
        names = ", ".join(open_ones[:NAMES_SHOWN])
        if len(open_ones) > NAMES_SHOWN:
            names = f"{names}, …"
        run.incomplete(NOT_PROVED, count=len(open_ones), total=len(found), names=names)
    left_out: Counter[str] = Counter()
    missing = 0
    for result in _counted(results):
        left_out.update(result.counts["left_out"])
        missing += _missing(result)
    run.vouch(
        at_vendor=sum(result.at_vendor or 0 for result in _counted(results)),
        in_koppel=sum(result.in_koppel or 0 for result in _counted(results)),
        left_out=left_out,
        missing=missing,
    )


def _counted(results: Iterable[WorkspaceResult]) -> list[WorkspaceResult]:
    return [result for result in results if result.at_vendor is not None]


def _missing(result: WorkspaceResult) -> int:
    accounted = (result.in_koppel or 0) + sum(result.counts["left_out"].values())
    return max(0, (result.at_vendor or 0) - accounted)


def _evidence(results: Sequence[WorkspaceResult]) -> dict[str, Any]:
    """Return what is known of a workspace: all parts together, and each by itself where
    there are several.
    """
    worst = min(results, key=lambda result: evidence.ORDER.index(State(result.state)))
    counted = _counted(results)
    at_vendor = None
    if counted:
        at_vendor = sum(result.at_vendor or 0 for result in counted)
    facts: dict[str, Any] = {
        "at_vendor": at_vendor,
        "here": sum(result.in_koppel or 0 for result in results),
        "state": worst.state,
    }
    if worst.reason:
        facts["reason"] = worst.reason
    if len(results) > 1:
        facts["parts"] = {
            result.kind: {
                "at_vendor": result.at_vendor,
                "here": result.in_koppel,
                "state": result.state,
            }
            for result in results
        }
    return facts
