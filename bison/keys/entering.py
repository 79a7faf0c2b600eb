"""A key that comes in: it waits, is tried, and is put in use once it has worked;
the old one stays in use until then.

Whichever way a key comes in (page, API, file, command, made at the vendor),
it goes through `enter` or `stage`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.keys import canary, slots
from bison.keys.canary import Trial
from bison.keys.choosing import is_expired
from bison.models import Workspace
from bison.session import KeyOfAnother
from core import audit
from core.connections import TestResult
from core.errors import VendorError
from core.http import turns
from core.masking import Secret, is_mask
from core.vendors.saving import NOTHING_STORED

Status = Workspace.KeyStatus
UNCHANGED: Final = _("Nothing was changed.")
FAILED: Final = _("Saved, but the connection failed: %(why)s")
WAITS: Final = _("The new key does not work, so the present one stays in use: %(why)s")
WORKS: Final = _("The new key works and is in use now.")
MEANWHILE: Final = _("Something else was entered meanwhile. Look again.")
NOTHING_WAITS: Final = _("No key waits for this workspace.")


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it, in words, and what the trial found;
    `waits`: the earlier key stays in use.
    """

    message: str
    result: TestResult | None = None
    waits: bool = False
    trial: Trial | None = None


def enter(
    workspace: Workspace,
    key: str | Secret,
    *,
    actor: Any,
    request: Any = None,
    name: str = "",
    key_type: str = Workspace.KeyType.WORKSPACE,
    expires_at: datetime | None = None,
    insist: bool = False,
    scopes: list[str] | None = None,
    made: bool = False,
) -> Saved:
    """Store a key, try it, and put it in use once it has worked,
    or at once where the person insists.

    `made`: the vendor made it for us just now. A mask keeps what is stored.
    ValidationError, and nothing stays stored, for what cannot be a key, a key that another
    workspace has, and one that opens another workspace. A first key that does not work is kept, and
    not used. Busy is raised, and nothing stored, where too many wait for vendors.
    """
    text = _text(key)
    if is_mask(text):
        if workspace.bison_api_key is None:
            raise ValidationError({"api_key": ValidationError(NOTHING_STORED, code="invalid")})
        return Saved(str(UNCHANGED))
    entered = slots.Entered(Secret(text), name, key_type, expires_at, scopes or [], made)
    slots.check(entered)
    turns.take()
    is_new = slots.stage(workspace, entered, actor=actor, request=request)
    if not is_new:
        return Saved(str(UNCHANGED))
    return use_next(workspace, actor=actor, request=request, insist=insist)


def use_next(
    workspace: Workspace,
    *,
    actor: Any,
    request: Any = None,
    insist: bool = True,
    run_id: Any = None,
) -> Saved:
    """Try the key that waits, and put it in use once it has worked, or where the person insists."""
    waiting = slots.waiting(workspace)
    if waiting is None:
        return Saved(str(NOTHING_WAITS))
    try:
        chosen = canary.with_key(workspace, waiting.key, waiting.key_type)
    except VendorError as error:
        trial = Trial()
        trial.failed(error)
    else:
        trial = canary.try_out(
            workspace,
            chosen,
            function_name="enter_key",
            triggered_by="manual",
            run_id=run_id,
            insist=insist,
        )
    _record_test(workspace, trial, actor, request)
    if isinstance(trial.failure, KeyOfAnother | canary.OpensSeveral):
        discard_next(workspace, actor=actor, request=request, only=waiting.mark)
        raise ValidationError({"api_key": ValidationError(trial.failure.message, code="refused")})
    return _settle(workspace, waiting, trial, actor, request, insist=insist)


def _settle(
    workspace: Workspace,
    waiting: slots.Waiting,
    trial: Trial,
    actor: Any,
    request: Any,
    *,
    insist: bool,
) -> Saved:
    """Put what was tried where it belongs: in use, beside what is in use, or stored and unused."""
    result = trial.result
    why = {"why": result.message}
    if not result.success and not insist and is_in_use(workspace):
        slots.note_why(workspace, waiting.mark, trial.failure)
        return Saved(str(WAITS) % why, result, waits=True, trial=trial)
    status = Status.ACTIVE if result.success or insist else Status.INACTIVE
    if not slots.promote(workspace, waiting, status, actor=actor, request=request):
        return Saved(str(MEANWHILE), result, waits=True, trial=trial)
    if result.success:
        return Saved(str(WORKS), result, trial=trial)
    return Saved(str(FAILED) % why, result, trial=trial)


def discard_next(workspace: Workspace, *, actor: Any, request: Any = None, only: str = "") -> bool:
    """Let go of the key that waits (`only`: if it is still this one),
    and tell whether there was anything.
    """
    return slots.discard(workspace, actor=actor, request=request, only=only)


def activate(workspace: Workspace, mark: str, *, actor: Any, request: Any = None) -> bool:
    """Use the stored key from now on, if it is still the one that was found to work."""
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        if locked.key_fingerprint != mark or locked.bison_api_key_status != Status.INACTIVE:
            return False
        locked.bison_api_key_status = Status.ACTIVE
        locked.save(update_fields=["bison_api_key_status", "updated_at"])
        slots.record("key.promoted", locked, actor, request)
    workspace.refresh_from_db()
    return True


def is_in_use(workspace: Workspace) -> bool:
    """Tell whether calls are made with a key of the workspace's own."""
    return workspace.has_key and not is_expired(workspace)


def _text(key: str | Secret) -> str:
    if isinstance(key, Secret):
        return key.reveal().strip()
    return key.strip()


def _record_test(workspace: Workspace, trial: Trial, actor: Any, request: Any) -> None:
    with transaction.atomic():
        audit.record(
            "connection.tested",
            actor=actor,
            target=workspace,
            request=request,
            organization_id=workspace.organization_id,
            success=trial.result.success,
            stored=False,
            reason="" if trial.result.success else trial.result.message,
        )
