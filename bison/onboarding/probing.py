"""The checklist of a new client: an item is done when it was proved,
and open again when its proof is lost.

Nobody ticks anything off. Facts come from the registry and from at most two calls: who the
workspace's own key is, and which webhooks the vendor has. What could not be asked just now keeps
its last answer, and says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from bison import rounds, turns
from bison.models import Onboarding, Workspace
from bison.onboarding import proofs
from bison.session import PATIENCE, Session, session
from core.errors import BadCredentials, VendorError
from core.words import sayings
from core.words.sayings import Saying

logger = structlog.get_logger(__name__)

Status = Onboarding.Status
ITEMS: Final = (
    "api_key_generated",
    "api_key_tested",
    "webhook_secret_generated",
    "webhook_url_configured",
    "webhook_tested",
    "initial_sync_completed",
)
# The turn of whoever looks at all: the clock comes again while a long round is under way.
ROUND: Final = "onboarding"
# Seconds that a person is kept waiting for the turn with a shared key.
BEFORE_A_PERSON: Final = 10.0


@dataclass(slots=True)
class _Found:
    """What a probe proved, item by item, and why the others are open."""

    proved: dict[str, bool] = field(default_factory=dict)
    blocked: dict[str, Saying] = field(default_factory=dict)
    # Something is in the way, and not only still to be done.
    is_blocked: bool = False

    def set(self, item: str, why_not: Saying | None, *, blocks: bool = False) -> None:
        self.proved[item] = why_not is None
        if why_not is not None:
            self.blocked[item] = why_not
            self.is_blocked = self.is_blocked or blocks


def probe(workspace: Workspace, *, trigger: str = "page") -> Onboarding:
    """Look at every item anew, and keep what was found."""
    Onboarding.objects.get_or_create(workspace=workspace)
    row = Onboarding.objects.get(workspace=workspace)
    found = _Found()
    why_no_key = proofs.why_no_key(workspace)
    found.set("api_key_generated", why_no_key, blocks=workspace.bison_api_key_status in proofs.LOST)
    key_first = proofs.KEY_FIRST if why_no_key else None
    _ask(row, found, "api_key_tested", workspace, trigger, key_first, proofs.own_key_works)
    why_no_secret = None if workspace.webhook_token_hash else Saying(proofs.NO_SECRET)
    found.set("webhook_secret_generated", why_no_secret)
    listed = partial(proofs.lists_our_hook, workspace=workspace)
    secret_first = proofs.SECRET_FIRST if why_no_secret else None
    _ask(row, found, "webhook_url_configured", workspace, trigger, secret_first, listed)
    found.set(
        "webhook_tested",
        None if workspace.bison_webhook_last_received_at else Saying(proofs.NO_DELIVERY),
    )
    synced_at = proofs.first_sync(workspace)
    found.set("initial_sync_completed", None if synced_at else Saying(proofs.NO_SYNC))
    _keep(row, found, workspace, synced_at)
    return row


def _ask(
    row: Onboarding,
    found: _Found,
    item: str,
    workspace: Workspace,
    trigger: str,
    not_yet: Any,
    look: Callable[[Session], Saying | None],
) -> None:
    """Prove an item by a call; one that cannot be made now leaves the item as it was."""
    if not_yet is not None:
        found.set(item, Saying(not_yet))
        return
    patience = BEFORE_A_PERSON if trigger in {"page", "api"} else PATIENCE
    try:
        with session(
            workspace, function_name="onboarding", triggered_by=trigger, patience=patience
        ) as at:
            why_not = look(at)
        found.set(item, why_not, blocks=why_not is not None and workspace.bison_webhook_enabled)
    except BadCredentials as error:
        found.set(item, error.saying, blocks=True)
    except VendorError as error:
        found.proved[item] = getattr(row, item)
        found.blocked[item] = Saying(proofs.NOT_ASKED, {"why": error.saying.plain})


def _keep(row: Onboarding, found: _Found, workspace: Workspace, synced_at: datetime | None) -> None:
    """Write what was found; people's notes are left alone."""
    now = timezone.now()
    for item in ITEMS:
        setattr(row, item, found.proved[item])
    is_asked = "api_key_tested" not in found.blocked
    if row.api_key_tested and is_asked:
        row.api_key_validated_at = now
    if not row.api_key_tested:
        row.api_key_validated_at = None
    row.webhook_validated_at = workspace.bison_webhook_last_received_at
    row.initial_sync_completed_at = synced_at
    row.blocked = {item: why.kept() | {"plain": why.plain} for item, why in found.blocked.items()}
    row.onboarding_status = _status(row, is_blocked=found.is_blocked)
    if row.onboarding_status != Status.COMPLETED:
        row.onboarding_completed_at = None
    elif row.onboarding_completed_at is None:
        row.onboarding_completed_at = now
    row.save(
        update_fields=[
            *ITEMS,
            "api_key_validated_at",
            "webhook_validated_at",
            "initial_sync_completed_at",
            "blocked",
            "onboarding_status",
            "onboarding_completed_at",
            "updated_at",
        ]
    )


def _status(row: Onboarding, *, is_blocked: bool) -> str:
    done = sum(getattr(row, item) for item in ITEMS)
    if done == len(ITEMS):
        return Status.COMPLETED
    if is_blocked:
        return Status.BLOCKED
    if done:
        return Status.IN_PROGRESS
    return Status.NOT_STARTED


def reasons(row: Onboarding) -> dict[str, str]:
    """Return why each open item is open, in the reader's language."""
    return {item: sayings.say(why, why.get("plain", "")) for item, why in row.blocked.items()}


def write_notes(workspace: Workspace, notes: str) -> Onboarding:
    """Keep what a person notes: the one thing of the checklist that is written by hand."""
    row, _is_new = Onboarding.objects.get_or_create(workspace=workspace)
    Onboarding.objects.filter(pk=row.pk).update(onboarding_notes=notes, updated_at=timezone.now())
    row.refresh_from_db()
    return row


def open_ones() -> QuerySet[Workspace]:
    """Return the workspaces whose checklist is not completed, those without one included."""
    return Workspace.objects.filter(gone_at=None).exclude(
        onboarding__onboarding_status=Status.COMPLETED
    )


def has_lost_proof(row: Onboarding) -> bool:
    """Tell, without a call, whether a completed checklist can no longer be."""
    workspace = row.workspace
    has_drifted = workspace.webhook_drift is not None
    return (
        proofs.why_no_key(workspace) is not None or not workspace.webhook_token_hash or has_drifted
    )


def look_at_all(*, trigger: str = "clock") -> int:
    """Probe what is open, and what was completed and has lost a proof, a few at once;
    return how many there were: none where another is at it.
    """
    lease = turns.Lease(ROUND)
    if not lease.take():
        return 0
    try:
        return _probe_each(lease, trigger)
    finally:
        lease.give_back()


def _probe_each(lease: turns.Lease, trigger: str) -> int:
    """Probe each in the round's turn, and begin no other once somebody else has it."""
    completed = Onboarding.objects.filter(
        onboarding_status=Status.COMPLETED, workspace__gone_at=None
    )
    lost = [
        row.workspace
        for row in completed.select_related("workspace__instance__account")
        if has_lost_proof(row)
    ]
    chosen = [*open_ones().select_related("instance__account"), *lost]

    def probe_this(workspace: Workspace) -> None:
        try:
            probe(workspace, trigger=trigger)
        except (OperationalError, InterfaceError):
            raise
        except (
            Exception
        ):  # what is odd in one workspace must not keep the others from being looked at
            logger.exception(
                "onboarding_failed_for_a_workspace", workspace=workspace.workspace_name
            )

    rounds.each(chosen, probe_this, stops=lambda: not lease.take())
    return len(chosen)
