"""What a run keeps of each workspace: of each where they are few; of many the numbers of all,
and the names of those that are not as they should be, the worst first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils import timezone

from bison.models import WorkspaceResult
from bison.rounds import Result
from core.runs.attempt import Work

State = WorkspaceResult.State
# So many workspaces stand on a run by name.
NAMED: Final = 500
# The worst first.
ORDER: Final = (State.FAILED, State.REFUSED, State.INCOMPLETE, State.COMPLETE)
Facts = Mapping[str, Any]


def bounded(found: Mapping[str, Facts]) -> dict[str, Any]:
    """Return the evidence for what was found, by the workspaces' names.

    The rest are rows: `WorkspaceResult`, by the run.
    """
    if len(found) <= NAMED:
        return {"workspaces": dict(found)}
    states = Counter(str(facts["state"]) for facts in found.values())
    return {"workspaces": {name: found[name] for name in _named(found)}, "states": dict(states)}


def keep(run: Work, kind: str, results: Iterable[Result]) -> None:
    """Keep what a round without rows found.

    Whoever is not as they should be and has no place by name gets a row, with the reason.
    """
    by_name = {result.workspace.workspace_name: result for result in results}
    found = {name: result.evidence() for name, result in by_name.items()}
    evidence = bounded(found)
    run.evidence(**evidence)
    rows = [
        _row(run, kind, result)
        for name, result in by_name.items()
        if name not in evidence["workspaces"] and not _is_well(found[name])
    ]
    # Whoever goes on with a run that died comes by here again.
    WorkspaceResult.objects.bulk_create(rows, ignore_conflicts=True)


def _named(found: Mapping[str, Facts]) -> list[str]:
    unwell = [name for name, facts in found.items() if not _is_well(facts)]
    return sorted(unwell, key=lambda name: (ORDER.index(State(found[name]["state"])), name))[:NAMED]


def _is_well(facts: Facts) -> bool:
    return facts["state"] == State.COMPLETE and not facts.get("drift")


def _row(run: Work, kind: str, result: Result) -> WorkspaceResult:
    words: dict[str, Any] = {}
    if result.reason is not None:
        words = {"reason": result.reason.plain, "reason_said": result.reason.kept()}
    return WorkspaceResult(
        run=run.run,
        workspace=result.workspace,
        kind=kind,
        state=result.state,
        counts=result.facts,
        finished_at=timezone.now(),
        **words,
    )
