"""Keys from a file: looked at first, and only then stored; each then waits until it has worked.

Nothing is written unless every row is good, or the person says that the good ones are enough. The
keys of a small file are stored at once, all or none; those of a large one by the run, part by part,
and until then they lie sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.keys import planning, reading, slots
from bison.keys.planning import Good, Plan
from bison.keys.reading import File, Problem
from bison.models import ImportedKey, Workspace
from core import audit, runs
from core.models import Run
from core.words.sayings import Saying

# Whoever sends a file waits so long as these take to be stored; more are stored by the run.
AT_ONCE: Final = 1000
STORED: Final = "stored"
PROMOTED: Final = "in_use"
WAITS: Final = "waits"
REFUSED: Final = "refused"
OVER: Final = "over"

KIND: Final = runs.Kind(
    "bison.import_keys",
    _("Try imported keys"),
    work="bison.keys.imported.work",
    words={
        "keys": _("Keys"),
        STORED: _("Stored"),
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
    """What a file holds, and what was done with it. `run`: it tries what was stored,
    and stores what was not yet.
    """

    rows: int
    valid: int
    invalid: int
    applied: int
    problems: Sequence[Problem]
    run: runs.Started | None = None

    @property
    def is_stored_later(self) -> bool:
        return self.run is not None and self.valid > AT_ONCE


def import_keys(
    content: bytes | File,
    *,
    actor: Any,
    request: Any = None,
    dry_run: bool = True,
    only_good: bool = False,
    trigger: str = "api",
) -> Imported:
    """Look at a file, and unless it is a dry run store its keys;
    a run then tries each and puts it in use.

    Of a large file the run stores them too: `applied` is 0, and each row has its result there.

    With a bad row nothing is stored, unless `only_good` says that the others are.
    """
    file = content if isinstance(content, File) else reading.read(content)
    plan = planning.plan(file)
    may_leave_out = only_good or not plan.problems
    may_apply = bool(plan.good) and may_leave_out
    if dry_run or not may_apply:
        return Imported(plan.rows, len(plan.good), plan.invalid, 0, plan.problems)
    good = len(plan.good)
    if good > AT_ONCE:
        started = _leave_to_the_run(plan, actor, request, trigger)
        return Imported(plan.rows, good, plan.invalid, 0, plan.problems, started)
    started, problems = _apply(plan, actor, request, trigger)
    return Imported(
        plan.rows, good, plan.invalid, good - len(problems), [*plan.problems, *problems], started
    )


def _apply(
    plan: Plan, actor: Any, request: Any, trigger: str
) -> tuple[runs.Started, list[Problem]]:
    """Store every key as the next one, all of them or none, and start the run that tries them."""
    problems: list[Problem] = []
    waiting: list[Good] = []
    with transaction.atomic():
        holders = slots.hold_all()
        # In one order, so that of two files with the same workspaces one waits for the other.
        for good in sorted(plan.good, key=lambda each: each.workspace_id):
            problem = _stage(good, actor, request, holders)
            if problem is None:
                waiting.append(good)
            else:
                problems.append(problem)
        started = _start(waiting, actor, trigger)
        ImportedKey.objects.bulk_create(_row(started.run, good) for good in waiting)
        _record(plan, actor, request, stored=len(waiting))
    return started, problems


def _leave_to_the_run(plan: Plan, actor: Any, request: Any, trigger: str) -> runs.Started:
    """Keep the rows, sealed, and start the run that stores and tries them."""
    with transaction.atomic():
        started = _start(plan.good, actor, trigger)
        rows = (_row(started.run, good, key=good.entered.key) for good in plan.good)
        ImportedKey.objects.bulk_create(rows, batch_size=1000)
        _record(plan, actor, request, stored=len(plan.good))
    return started


def _start(good: Sequence[Good], actor: Any, trigger: str) -> runs.Started:
    person = actor if getattr(actor, "is_authenticated", False) else None
    wish = {"keys": len(good), "by": "" if person else str(actor)}
    return runs.start(KIND, None, wish, trigger=trigger, started_by=person, total=len(good))


def _row(run: Run, good: Good, **columns: Any) -> ImportedKey:
    entered = good.entered
    return ImportedKey(
        run=run,
        row=good.row,
        workspace_id=good.workspace_id,
        fingerprint=entered.mark,
        facts={"name": entered.name, "type": str(entered.key_type)},
        **columns,
    )


def _record(plan: Plan, actor: Any, request: Any, *, stored: int) -> None:
    left_out = plan.rows - stored
    audit.record(
        "bison.keys_imported",
        actor=actor,
        request=request,
        rows=plan.rows,
        stored=stored,
        left_out=left_out,
    )


def _stage(good: Good, actor: Any, request: Any, holders: slots.Holders) -> Problem | None:
    """Let one key wait; what stands against it since the file was looked at is its problem."""
    try:
        with transaction.atomic():
            workspace = Workspace(pk=good.workspace_id)
            slots.stage(workspace, good.entered, actor=actor, request=request, holders=holders)
    except ValidationError as error:
        return Problem(good.row, "api_key", Saying(" ".join(error.messages)))
    return None
