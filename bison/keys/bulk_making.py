"""Keys for many workspaces of an instance, made one after another with a pause
between, as a run.
"""

import time
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bison.keys import entering, making
from bison.keys.coverage import has_own_key
from bison.models import Instance, Workspace
from core import runs
from core.errors import BadCredentials, Misconfigured, RateLimited, VendorError
from core.runs.attempt import Work

# The vendor's own tools wait as long between two tokens.
PAUSE_SECONDS: float = 2.0
MADE: Final = "made"
NOT_WORKING: Final = "not_working"
HAS_ONE: Final = "has_one"
GONE: Final = "gone"
FAILED: Final = "failed"
SOME_FAILED: Final = _(
    "%(count)d workspaces have no key that works. The reasons stand beside their names."
)

KIND: Final = runs.Kind(
    "bison.generate_keys",
    _("Make workspace keys"),
    work="bison.keys.bulk_making.work",
    words={
        "workspaces": _("Workspaces"),
        MADE: _("Key made and in use"),
        NOT_WORKING: _("Key made, and it does not work yet"),
        HAS_ONE: _("Has a key already"),
        GONE: _("Not at Email Bison any more"),
        FAILED: _("Not made"),
        "lost_tokens": _("Tokens left at Email Bison that nobody has"),
        "failures": _("Why not"),
    },
    so_far=("workspaces",),
    lock="bison.generate_keys",
)


def without_key(instance: Instance | None = None) -> QuerySet[Workspace]:
    """Return the workspaces that are called without a key of their own."""
    found = Workspace.objects.exclude(has_own_key()).filter(gone_at=None)
    if instance is not None:
        found = found.filter(instance=instance)
    return found


def start(
    instance: Instance,
    workspaces: "list[Workspace] | None" = None,
    *,
    replace: bool = False,
    trigger: str,
    started_by: Any = None,
) -> runs.Started:
    """Start making keys for these workspaces, or for all that have none;
    `replace`: also for those that have one.
    """
    chosen = list(without_key(instance)) if workspaces is None else workspaces
    ids = sorted(str(workspace.pk) for workspace in chosen if workspace.instance_id == instance.pk)
    wish = {"workspaces": ids, "replace": replace}
    return runs.start(KIND, instance, wish, trigger=trigger, started_by=started_by, total=len(ids))


def work(run: Work) -> None:
    """Make the keys. A workspace that got its key since the run was asked for is passed over."""
    ids = run.parameters["workspaces"]
    run.must_add_up("workspaces")
    done = int(run.start_from.get("done", 0))
    asked_at = run.run.created_at
    last_call = 0.0
    for number in range(done, len(ids)):
        if run.cancelled:
            return
        workspace = (
            Workspace.objects.select_related("instance__account").filter(pk=ids[number]).first()
        )
        outcome = _passed_over(workspace, asked_at, replace=bool(run.parameters.get("replace")))
        if outcome is None and workspace is not None:
            time.sleep(max(0.0, last_call + PAUSE_SECONDS - time.monotonic()))
            outcome = _make(run, workspace)
            last_call = time.monotonic()
        run.add(counts={"workspaces": 1}, outcomes={str(outcome): 1})
        run.progress(done=number + 1)
        run.checkpoint({"done": number + 1})
    _sum_up(run)


def _passed_over(workspace: Workspace | None, asked_at: Any, *, replace: bool) -> str | None:
    """Return why nothing is made for it; None where something is."""
    if workspace is None or workspace.gone_at is not None:
        return GONE
    if not entering.is_in_use(workspace):
        return None
    made_at = workspace.bison_api_key_created_at
    is_older = made_at is None or made_at < asked_at
    if replace and is_older:
        return None
    return HAS_ONE


def _make(run: Work, workspace: Workspace) -> str:
    """Have one made, or go on with the one that an attempt which died has left waiting."""
    actor = run.run.started_by or KIND.key
    try:
        if _waits_of_this(run, workspace):
            saved = entering.use_next(workspace, actor=actor, insist=False, run_id=run.run.pk)
        else:
            made = making.generate(
                workspace,
                actor=actor,
                holder=str(run.run.pk),
                run_id=run.run.pk,
                triggered_by=run.run.trigger,
            )
            saved = made.saved
            if made.is_lost:
                _keep(run, "lost_tokens", workspace, str(making.LOST % {"name": made.key_name}))
    except (RateLimited, BadCredentials, Misconfigured):
        # It would be the same for all that follow.
        raise
    except (VendorError, ValidationError) as error:
        _keep(run, "failures", workspace, _words(error))
        return FAILED
    if saved.result is not None and saved.result.success:
        return MADE
    _keep(run, "failures", workspace, saved.message)
    return NOT_WORKING


def _waits_of_this(run: Work, workspace: Workspace) -> bool:
    entered_at = workspace.next_api_key_entered_at
    if entered_at is None or not workspace.next_api_key_facts.get("made"):
        return False
    return entered_at >= run.run.created_at


def _keep(run: Work, name: str, workspace: Workspace, text: str) -> None:
    run.run.refresh_from_db(fields=["evidence"])
    run.evidence(**{name: {**run.run.evidence.get(name, {}), workspace.workspace_name: text}})


def _words(error: VendorError | ValidationError) -> str:
    if isinstance(error, VendorError):
        return str(error.message)
    return " ".join(error.messages)


def _sum_up(run: Work) -> None:
    _counts, outcomes = run.so_far()
    failed = outcomes.get(FAILED, 0) + outcomes.get(NOT_WORKING, 0)
    if failed:
        run.incomplete(SOME_FAILED, count=failed)
