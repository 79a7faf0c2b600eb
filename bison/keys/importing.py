"""Keys from a file: looked at first, and only then stored; each then waits until it has worked.

Nothing is written unless every row is good, or the person says that the good ones are enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.keys import entering, planning, reading, slots
from bison.keys.planning import Good, Plan
from bison.keys.reading import File, Problem
from bison.models import Workspace
from core import audit, runs
from core.runs.attempt import Work
from core.words.sayings import Saying

PROMOTED: Final = "in_use"
WAITS: Final = "waits"
REFUSED: Final = "refused"
OVER: Final = "over"
SOME_FAILED: Final = _("%(count)d keys do not work. The reasons stand beside their workspaces.")

KIND: Final = runs.Kind(
    "bison.import_keys",
    _("Try imported keys"),
    work="bison.keys.importing.work",
    words={
        "keys": _("Keys"),
        PROMOTED: _("Works and is in use"),
        WAITS: _("Does not work yet"),
        REFUSED: _("Another workspace's key"),
        OVER: _("Replaced meanwhile"),
        "failures": _("Why not"),
    },
    so_far=("keys",),
    once=False,
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds, and what was done with it. `run`: it tries what was stored."""

    rows: int
    valid: int
    invalid: int
    applied: int
    problems: Sequence[Problem]
    run: runs.Started | None = None


def import_keys(
    content: bytes | File,
    *,
    actor: Any,
    request: Any = None,
    dry_run: bool = True,
    only_good: bool = False,
    trigger: str = "api",
) -> Imported:
    """Look at a file, and unless it is a dry run store its keys; a run then tries each and puts it in use.

    With a bad row nothing is stored, unless `only_good` says that the others are.
    """
    file = content if isinstance(content, File) else reading.read(content)
    plan = planning.plan(file)
    is_taken = only_good or not plan.problems
    may_apply = bool(plan.good) and is_taken
    if dry_run or not may_apply:
        return Imported(plan.rows, len(plan.good), plan.invalid, 0, plan.problems)
    started, problems = _apply(plan, actor, request, trigger)
    applied = len(plan.good) - len(problems)
    return Imported(plan.rows, len(plan.good), plan.invalid, applied, [*plan.problems, *problems], started)


def _apply(plan: Plan, actor: Any, request: Any, trigger: str) -> tuple[runs.Started, list[Problem]]:
    """Store every key as the next one, all of them or none, and start the run that tries them."""
    problems: list[Problem] = []
    waiting: list[dict[str, str]] = []
    with transaction.atomic():
        holders = slots.hold_all()
        # In one order, so that of two files with the same workspaces one waits for the other.
        for good in sorted(plan.good, key=lambda each: each.workspace_id):
            problem = _stage(good, actor, request, holders)
            if problem is None:
                waiting.append({"workspace": str(good.workspace_id), "mark": good.entered.mark})
            else:
                problems.append(problem)
        person = actor if getattr(actor, "is_authenticated", False) else None
        wish = {"keys": waiting}
        started = runs.start(KIND, None, wish, trigger=trigger, started_by=person, total=len(waiting))
        audit.record(
            "bison.keys_imported",
            actor=actor,
            request=request,
            rows=plan.rows,
            stored=len(waiting),
            left_out=plan.rows - len(waiting),
        )
    return started, problems


def _stage(good: Good, actor: Any, request: Any, holders: slots.Holders) -> Problem | None:
    """Let one key wait; what stands against it since the file was looked at is its problem."""
    try:
        with transaction.atomic():
            workspace = Workspace(pk=good.workspace_id)
            slots.stage(workspace, good.entered, actor=actor, request=request, holders=holders)
    except ValidationError as error:
        return Problem(good.row, "api_key", Saying(" ".join(error.messages)))
    return None


def work(run: Work) -> None:
    """Try each key that still waits, and put it in use once it has worked."""
    keys = run.parameters["keys"]
    run.must_add_up("keys")
    for number in range(int(run.start_from.get("done", 0)), len(keys)):
        if run.cancelled:
            return
        outcome = _try(run, keys[number]["workspace"], keys[number]["mark"])
        run.add(counts={"keys": 1}, outcomes={outcome: 1})
        run.progress(done=number + 1)
        run.checkpoint({"done": number + 1})
    _counts, outcomes = run.so_far()
    failed = outcomes.get(WAITS, 0) + outcomes.get(REFUSED, 0)
    if failed:
        run.incomplete(SOME_FAILED, count=failed)


def _try(run: Work, workspace_id: str, mark: str) -> str:
    workspace = Workspace.objects.select_related("instance__account").filter(pk=workspace_id).first()
    if workspace is None:
        return OVER
    if workspace.key_fingerprint == mark and workspace.has_key:
        return PROMOTED
    if workspace.next_api_key_facts.get("fingerprint") != mark:
        return OVER
    actor = run.run.started_by or KIND.key
    try:
        saved = entering.use_next(workspace, actor=actor, insist=False, run_id=run.run.pk)
    except ValidationError as error:
        keep(run, workspace, " ".join(error.messages))
        return REFUSED
    has_worked = saved.result is not None and saved.result.success
    if has_worked and not saved.waits:
        return PROMOTED
    keep(run, workspace, saved.message)
    return WAITS


def keep(run: Work, workspace: Workspace, text: str) -> None:
    """Keep why a workspace has no key that works, beside those before it."""
    run.run.refresh_from_db(fields=["evidence"])
    run.evidence(failures={**run.run.evidence.get("failures", {}), workspace.workspace_name: text})
