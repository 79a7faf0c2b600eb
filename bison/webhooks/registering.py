"""What people do with a workspace's webhook. The wish is stored first;
then the vendor is brought to it, and read back.

Whatever dies in between leaves a wish that `check` sees unfulfilled and `repair` fulfils:
what was made meanwhile is found by its address and taken over, what was made twice is removed.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import keys
from bison.models import Workspace
from bison.session import Session
from bison.webhooks import addresses, drift, events, hooks, status
from bison.webhooks.hooks import Hook, Hooks
from core import audit
from core.errors import Conflicting
from core.http import turns as web_turns

# An earlier secret is let in for so long after the new one is in use:
# what was sent to it is on its way.
GRACE: Final = timedelta(minutes=10)
CHANGED: Final = "bison.webhook_changed"
ROTATED: Final = "bison.webhook_rotated"
REPAIRED: Final = "bison.webhook_repaired"
LATELY: Final = _(
    "The secret was changed a moment ago, and what was sent to the earlier one still comes in. "
    "Wait ten minutes."
)
CHOOSE: Final = _("Choose the events that Koppel is to be told of.")
IS_OFF: Final = _("This workspace's webhook is off. Switch it on first.")


class RotatedLately(Conflicting):
    """Deliveries may still be on their way to the secret before:
    a third one would shut them out.
    """

    conflict = "rotated_lately"


class IsOff(Conflicting):
    """What was asked for needs a webhook that is on."""

    conflict = "webhook_off"


def configure(
    workspace: Workspace,
    *,
    enabled: bool,
    names: Iterable[str] | None = None,
    actor: Any,
    request: Any = None,
) -> Workspace:
    """Switch a workspace's webhook on with these events, or off;
    without names those stay that were chosen.

    ValidationError for an event that is none, VendorError where the vendor could not be brought
    to it: the wish is kept then.
    """
    chosen = None if names is None else events.chosen(names)
    if enabled and chosen == []:
        raise Conflicting({"events": CHOOSE})
    _be_able_to_call(workspace)
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        changes = ["bison_webhook_enabled", "bison_webhook_events", "updated_at"]
        if enabled and locked.bison_webhook_secret is None:
            addresses.renew(locked)
            changes += addresses.SECRET_COLUMNS
        locked.bison_webhook_enabled = enabled
        locked.bison_webhook_events = chosen or locked.bison_webhook_events or list(events.USUAL)
        locked.save(update_fields=changes)
        facts = {"enabled": enabled, "events": locked.bison_webhook_events}
        _record(CHANGED, locked, actor, request, **facts)
    return bring_about(workspace, triggered_by=_by(actor))


def rotate(workspace: Workspace, *, actor: Any, request: Any = None) -> Workspace:
    """Give the webhook a new secret, without a delivery lost:
    the earlier one is let in until the new one is proved.

    A change that was not finished is finished first: else the vendor might have neither of the two.
    RotatedLately within GRACE of the last one: `repair` finishes that.
    """
    _be_able_to_call(workspace)
    if _needs_finishing(workspace):
        bring_about(workspace, triggered_by=_by(actor))
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        if not locked.bison_webhook_enabled:
            raise IsOff(IS_OFF)
        if locked.earlier_webhook_token_hash and _is_recent(locked):
            raise RotatedLately(LATELY)
        old = locked.bison_webhook_secret
        addresses.renew(locked)
        locked.save(update_fields=[*addresses.SECRET_COLUMNS, "updated_at"])
        _record(ROTATED, locked, actor, request, old=old, new=locked.bison_webhook_secret)
    return bring_about(workspace, triggered_by=_by(actor))


def repair(workspace: Workspace, *, actor: Any, request: Any = None) -> Workspace:
    """Bring the vendor to what should be there."""
    _be_able_to_call(workspace)
    before = workspace.webhook_drift
    found = bring_about(workspace, triggered_by=_by(actor))
    with transaction.atomic():
        _record(REPAIRED, found, actor, request, drift=(before or {}).get("what", ""))
    return found


def check(
    workspace: Workspace, *, triggered_by: str, run_id: UUID | None = None, **patience: float
) -> Workspace:
    """Look at what is at the vendor, and store what is otherwise than it should be.
    Nothing is changed there.
    """
    with hooks.of(workspace, triggered_by=triggered_by, run_id=run_id, **patience) as (at, ours):
        workspace.refresh_from_db()
        _keep(workspace, at, ours.listed())
    end_earlier_secret(workspace)
    return workspace


def bring_about(workspace: Workspace, *, triggered_by: str) -> Workspace:
    """Make, change or remove at the vendor until it has what should be there,
    and nothing of ours besides.
    """
    with hooks.of(workspace, triggered_by=triggered_by) as (at, ours):
        removed: set[int] = set()
        at.confirmed(lambda _at: _change(workspace, ours, removed))
        # What is removed may be listed for a while: that is done later.
        left = [hook for hook in ours.listed() if hook.id not in removed]
        _keep(workspace, at, left)
    status.report(workspace.instance)
    return workspace


def end_earlier_secret(workspace: Workspace) -> bool:
    """Let the earlier secret in no more, once the new one is proved and what was sent
    to the earlier has come.
    """
    if workspace.webhook_drift is not None:
        return False
    return drop_earlier(workspace.pk)


def drop_earlier(workspace_id: Any) -> bool:
    """Forget the earlier secret where the one in use has been so for long enough;
    to be called with a proof of it.
    """
    rotated = Workspace.objects.filter(
        pk=workspace_id, webhook_rotated_at__lt=timezone.now() - GRACE
    )
    found = rotated.filter(earlier_webhook_token_hash__isnull=False).update(
        earlier_webhook_token_hash=None
    )
    return found > 0


def _change(workspace: Workspace, ours: Hooks, removed: set[int]) -> None:
    """Do what is missing. Done again after any part of it, it does the rest."""
    workspace.refresh_from_db()
    found = drift.find(workspace, ours.listed())
    address, names = addresses.address(workspace), list(workspace.bison_webhook_events)
    if workspace.bison_webhook_enabled and found.hook is None:
        ours.create(address, names)
    elif found.hook is not None:
        wanted = (address, frozenset(names))
        if (found.hook.url, found.hook.events) != wanted:
            ours.change(found.hook.id, address, names)
    for hook in found.others:
        ours.remove(hook.id)
        removed.add(hook.id)


def _keep(workspace: Workspace, at: Session, listed: list[Hook]) -> None:
    found = drift.find(workspace, listed)
    hook = found.hook
    failures = 0
    if hook is not None and hook.url == addresses.address(workspace):
        failures = at.confirmed(lambda inner: status.failures_in_a_row(inner, hook.id))
    since = workspace.webhook_since
    is_new = since is None or hook is None or hook.id != workspace.bison_webhook_id
    if hook is not None and is_new:
        since = since or timezone.now()
    status.keep(
        workspace,
        drift.of(workspace, found),
        failures,
        bison_webhook_id=hook.id if hook else None,
        webhook_since=since if workspace.bison_webhook_enabled else None,
    )
    addresses.remember(workspace, hook.url if hook else None)


def _needs_finishing(workspace: Workspace) -> bool:
    workspace.refresh_from_db()
    has_two = workspace.earlier_webhook_token_hash is not None
    if not workspace.bison_webhook_enabled or not has_two:
        return False
    return not _is_recent(workspace)


def _is_recent(workspace: Workspace) -> bool:
    rotated_at = workspace.webhook_rotated_at
    return rotated_at is not None and rotated_at > timezone.now() - GRACE


def _be_able_to_call(workspace: Workspace) -> None:
    """Raise what would keep the vendor from being asked, before anything is stored."""
    keys.key_for(workspace)
    web_turns.take()


def _record(action: str, workspace: Workspace, actor: Any, request: Any, **facts: Any) -> None:
    organization_id = workspace.organization_id
    audit.record(
        action,
        actor=actor,
        target=workspace,
        request=request,
        organization_id=organization_id,
        **facts,
    )


def _by(actor: Any) -> str:
    return str(actor)[:40]
