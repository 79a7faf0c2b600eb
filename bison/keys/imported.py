"""The run of a file of keys: what is not stored yet is stored part by part,
and each key tried and put in use.

Each row of the file is a row of `ImportedKey` with one result, whoever died on the way:
a part is stored whole or not at all, and a result is written together with the run's counts.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bison import rounds
from bison.keys import entering, slots
from bison.keys.importing import KIND, OVER, PROMOTED, REFUSED, STORED, WAITS
from bison.keys.slots import Entered, Holders
from bison.models import ImportedKey, Workspace
from core.models import Run
from core.runs.attempt import Work

# Stored in one transaction: nobody else enters a key meanwhile.
PART: Final = 200
SOME_FAILED: Final = _("%(count)d keys do not work. The reasons stand beside their workspaces.")
DID_NOT_WORK: Final = _("Stored, and not in use: it did not work when it was tried.")
NO_RESULT: Final = _("%(count)d rows of the file have no result.")


def work(run: Work) -> None:
    """Store what waits in the run, then try each key that waits in its workspace."""
    run.must_add_up("keys")
    while not run.cancelled and _store_part(run):
        pass
    _try_all(run)
    _conclude(run)


def forget_keys() -> int:
    """Let go of keys that a run which is over did not store."""
    left = ImportedKey.objects.exclude(key=None).exclude(run__state__in=Run.OPEN)
    return left.update(key=None)


def _rows(run: Work) -> QuerySet[ImportedKey]:
    return ImportedKey.objects.filter(run=run.run)


def _store_part(run: Work) -> bool:
    """Let the next keys wait in their workspaces, and tell whether there were any."""
    with transaction.atomic():
        holders = slots.hold_all()
        part = list(_rows(run).filter(outcome="").exclude(key=None).order_by("workspace_id")[:PART])
        if not part:
            return False
        refused = [row for row in part if not _stage(run, row, holders)]
        ImportedKey.objects.filter(pk__in=[row.pk for row in part]).update(key=None)
        counts = {STORED: len(part) - len(refused), "keys": len(refused)}
        run.add(counts=counts, outcomes={REFUSED: len(refused)} if refused else {})
        # Whoever gets further is not in vain.
        run.checkpoint({STORED: str(part[-1].pk)})
    return True


def _stage(run: Work, row: ImportedKey, holders: Holders) -> bool:
    if row.key is None:
        raise ValueError("A row without a key is stored already")
    entered = Entered(row.key, row.facts["name"], row.facts["type"])
    try:
        with transaction.atomic():
            slots.stage(Workspace(pk=row.workspace_id), entered, actor=_actor(run), holders=holders)
    except ValidationError as error:
        ImportedKey.objects.filter(pk=row.pk).update(
            outcome=REFUSED, reason=" ".join(error.messages)
        )
        return False
    return True


def _actor(run: Work) -> Any:
    return run.run.started_by or run.parameters.get("by") or KIND.key


def _try_all(run: Work) -> None:
    """Try the keys that wait side by side; one that several workspaces share,
    for one after another.
    """
    done = _rows(run).exclude(outcome="").count()
    progress = rounds.Progress(run, done=done, total=int(run.parameters["keys"]))

    def try_this(row: ImportedKey) -> None:
        outcome, reason = _outcome(run, row)
        with transaction.atomic():
            unsettled = ImportedKey.objects.filter(pk=row.pk, outcome="")
            if unsettled.update(outcome=outcome, reason=reason):
                run.add(counts={"keys": 1}, outcomes={outcome: 1})
        run.checkpoint({"tried": str(row.pk)})
        progress.one_more()

    left = _rows(run).filter(outcome="", key=None).order_by("row")
    lanes = rounds.in_lanes(left, lambda row: row.fingerprint)
    rounds.side_by_side(lanes, try_this, stops=lambda: run.cancelled)


def _outcome(run: Work, row: ImportedKey) -> tuple[str, str]:
    """Put a key in use once it has worked; return what became of it, and why not."""
    workspace = (
        Workspace.objects.select_related("instance__account").filter(pk=row.workspace_id).first()
    )
    if workspace is None:
        return OVER, ""
    if workspace.key_fingerprint == row.fingerprint and workspace.has_key:
        return PROMOTED, ""
    waits = workspace.next_api_key_facts.get("fingerprint") == row.fingerprint
    if (
        not waits
        and workspace.key_fingerprint == row.fingerprint
        and workspace.bison_api_key is not None
    ):
        # A first key that does not work is kept unused; whoever tried it died before
        # the result was written.
        return WAITS, str(DID_NOT_WORK)
    if not waits:
        return OVER, ""
    try:
        saved = entering.use_next(workspace, actor=_actor(run), insist=False, run_id=run.run.pk)
    except ValidationError as error:
        return REFUSED, " ".join(error.messages)
    if saved.result is not None and saved.result.success and not saved.waits:
        return PROMOTED, ""
    return WAITS, saved.message


def _conclude(run: Work) -> None:
    """Say why keys are not in use; the run has succeeded only where every row has
    a result, and is.
    """
    failed = (
        _rows(run).filter(outcome__in=[WAITS, REFUSED]).select_related("workspace").order_by("row")
    )
    failures = _reasons(failed)
    if failures:
        run.evidence(failures=failures)
    if run.cancelled:
        return
    without = int(run.parameters["keys"]) - _rows(run).exclude(outcome="").count()
    if without:
        run.incomplete(NO_RESULT, count=without)
    elif failures:
        run.incomplete(SOME_FAILED, count=len(failures))


def _reasons(failed: Iterable[ImportedKey]) -> dict[str, str]:
    return {row.workspace.workspace_name: row.reason for row in failed}
