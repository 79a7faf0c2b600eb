"""The two slots of a workspace's key: the one in use, and the next one,
which waits until it has worked.

This module alone writes to them, each under the row's lock.
What was tried is put in use only if it is still what waits: its fingerprint says so.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from bison.client import fingerprint
from bison.instances import check_key
from bison.models import Workspace
from core import audit, locks
from core.errors import VendorError
from core.masking import Secret
from core.secrets.crypto import CannotOpen

LONGEST_NAME: Final = 200
SHARED_TYPES: Final = (Workspace.KeyType.SUPER_ADMIN, Workspace.KeyType.TEAM)
TAKEN: Final = _(
    "The workspace %(workspace)s has this key already. Each workspace needs a key of its own."
)
REVOKED: Final = _("This key was revoked here. Have a new one made.")
PAST: Final = _("This key would have expired already.")
BAD_TYPE: Final = _("One of: %(names)s.")
TOO_LONG: Final = _("This is too long. Copy it again.")
LONGEST_KEY: Final = 500
NEXT: Final = (
    "next_api_key",
    "next_api_key_facts",
    "next_api_key_entered_by",
    "next_api_key_entered_at",
)
IN_USE: Final = (
    "bison_api_key",
    "bison_api_key_name",
    "bison_api_key_type",
    "bison_api_key_scopes",
    "bison_api_key_created_at",
    "bison_api_key_expires_at",
    "bison_api_key_last_used_at",
    "bison_api_key_status",
    "key_fingerprint",
)


@dataclass(frozen=True, slots=True)
class Entered:
    """A key as it came in, and what was written beside it."""

    key: Secret
    name: str = ""
    key_type: str = Workspace.KeyType.WORKSPACE
    expires_at: datetime | None = None
    scopes: list[str] = field(default_factory=list)
    # The vendor made it for us just now.
    made: bool = False

    @property
    def mark(self) -> str:
        return fingerprint(self.key.reveal())

    def facts(self) -> dict[str, Any]:
        """Return what waits beside the key, as JSON."""
        return {
            "fingerprint": self.mark,
            "name": self.name,
            "type": str(self.key_type),
            "scopes": self.scopes,
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "made": self.made,
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """The key that waits, as it was read."""

    key: Secret
    mark: str
    key_type: str


def check(entered: Entered) -> None:
    """Raise ValidationError by field for what cannot be a key, or not one of this kind."""
    errors: dict[str, ValidationError] = {}
    try:
        check_key(entered.key.reveal())
    except ValidationError as error:
        errors["api_key"] = error
    if len(entered.key.reveal()) > LONGEST_KEY:
        errors["api_key"] = ValidationError(TOO_LONG, code="too_long")
    if entered.key_type not in Workspace.KeyType.values:
        names = ", ".join(Workspace.KeyType.values)
        errors["api_key_type"] = ValidationError(BAD_TYPE, code="invalid", params={"names": names})
    if len(entered.name) > LONGEST_NAME or "\x00" in entered.name:
        errors["api_key_name"] = ValidationError(TOO_LONG, code="too_long")
    if entered.expires_at is not None and entered.expires_at <= timezone.now():
        errors["expires_at"] = ValidationError(PAST, code="past")
    if errors:
        raise ValidationError(errors)


# By a key's mark, the workspaces that have it: their ids and names.
Holders = dict[str, dict[Any, str]]


def hold_all() -> Holders:
    """Keep everybody else from staging keys until this transaction ends, and return who has which.

    PostgreSQL has no room for a lock for each key of a large file, and no time to look for each.
    """
    locks.hold("bison.keys")
    found: Holders = {}
    rows = Workspace.objects.values_list(
        "pk", "workspace_name", "key_fingerprint", "next_api_key_facts__fingerprint"
    )
    for workspace_id, name, *marks in rows:
        for mark in filter(None, marks):
            found.setdefault(mark, {})[workspace_id] = name
    return found


def stage(
    workspace: Workspace,
    entered: Entered,
    *,
    actor: Any,
    request: Any = None,
    holders: Holders | None = None,
) -> bool:
    """Let the key wait, and tell whether it is new: the one that is in use already does not wait.

    ValidationError for a key that another workspace has, and for one that was revoked here.
    `holders` is what `hold_all` gave the caller, who keeps the lock.
    """
    with transaction.atomic():
        if holders is None:
            # Of two workspaces that are given one key at once, the later finds it taken.
            locks.hold("bison.keys", shared=True)
            locks.hold("bison.key", entered.mark)
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        _refuse_taken(locked, entered, holders)
        is_in_use = locked.has_key and locked.key_fingerprint == entered.mark
        if is_in_use and _beside(locked) == _beside_of(locked, entered):
            return False
        person = actor if getattr(actor, "is_authenticated", False) else None
        locked.next_api_key = entered.key.reveal()
        locked.next_api_key_facts = entered.facts()
        locked.next_api_key_entered_by = person
        locked.next_api_key_entered_at = timezone.now()
        if entered.made:
            locked.key_making = None
        locked.save(update_fields=[*NEXT, "key_making", "updated_at"])
        if holders is not None:
            holders.setdefault(entered.mark, {})[locked.pk] = locked.workspace_name
        old = _readable(locked.bison_api_key)
        record(
            "key.changed",
            locked,
            actor,
            request,
            old=old,
            new=entered.key,
            slot="next",
            key_name=entered.name,
        )
    workspace.refresh_from_db()
    return True


def waiting(workspace: Workspace) -> Waiting | None:
    """Return the key that waits; None where none does."""
    row = Workspace.objects.only(*NEXT).get(pk=workspace.pk)
    if row.next_api_key is None:
        return None
    facts = row.next_api_key_facts
    return Waiting(
        row.next_api_key,
        facts.get("fingerprint", ""),
        facts.get("type") or Workspace.KeyType.WORKSPACE,
    )


def promote(
    workspace: Workspace, tried: Waiting, status: str, *, actor: Any, request: Any = None
) -> bool:
    """Put what waits in the place of what is in use, if it is still what was tried."""
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        facts = locked.next_api_key_facts
        if locked.next_api_key is None or facts.get("fingerprint") != tried.mark:
            return False
        locked.bison_api_key = tried.key.reveal()
        locked.bison_api_key_name = facts.get("name", "")
        locked.bison_api_key_type = tried.key_type
        locked.bison_api_key_scopes = facts.get("scopes", [])
        locked.bison_api_key_created_at = timezone.now()
        locked.bison_api_key_expires_at = parse_datetime(facts.get("expires_at") or "")
        locked.bison_api_key_last_used_at = None
        locked.bison_api_key_status = status
        locked.key_fingerprint = tried.mark
        empty(locked)
        locked.save(update_fields=[*IN_USE, *NEXT, "updated_at"])
        record("key.promoted", locked, actor, request, status=str(status))
    workspace.refresh_from_db()
    return True


def discard(workspace: Workspace, *, actor: Any, request: Any = None, only: str = "") -> bool:
    """Let go of the key that waits (`only`: if it is still this one),
    and tell whether there was anything.
    """
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        is_another = bool(only) and locked.next_api_key_facts.get("fingerprint") != only
        if locked.next_api_key is None or is_another:
            return False
        empty(locked)
        locked.save(update_fields=[*NEXT, "updated_at"])
        record("key.discarded", locked, actor, request)
    workspace.refresh_from_db()
    return True


def note_why(workspace: Workspace, mark: str, failure: VendorError | None) -> None:
    """Keep beside the key that waits why it is not in use yet."""
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        if failure is None or locked.next_api_key_facts.get("fingerprint") != mark:
            return
        saying = failure.saying
        tried = {
            "tried_at": timezone.now().isoformat(),
            "why": saying.plain,
            "why_said": saying.kept(),
        }
        locked.next_api_key_facts = {**locked.next_api_key_facts, **tried}
        locked.save(update_fields=["next_api_key_facts", "updated_at"])
    workspace.refresh_from_db()


def empty(locked: Workspace) -> None:
    """Empty the slot of the key that waits."""
    locked.next_api_key, locked.next_api_key_facts = None, {}
    locked.next_api_key_entered_by, locked.next_api_key_entered_at = None, None


def record(action: str, workspace: Workspace, actor: Any, request: Any, **facts: Any) -> None:
    audit.record(
        action,
        actor=actor,
        target=workspace,
        request=request,
        organization_id=workspace.organization_id,
        **facts,
    )


def _refuse_taken(locked: Workspace, entered: Entered, holders: Holders | None) -> None:
    mark = entered.mark
    if (
        locked.key_fingerprint == mark
        and locked.bison_api_key_status == Workspace.KeyStatus.REVOKED
    ):
        raise ValidationError({"api_key": ValidationError(REVOKED, code="revoked")})
    if entered.key_type in SHARED_TYPES:
        return
    if holders is None:
        has_it = Q(key_fingerprint=mark) | Q(next_api_key_facts__fingerprint=mark)
        having = dict(Workspace.objects.filter(has_it).values_list("pk", "workspace_name"))
    else:
        having = holders.get(mark, {})
    others = sorted(name for workspace_id, name in having.items() if workspace_id != locked.pk)
    if others:
        params = {"workspace": others[0]}
        raise ValidationError({"api_key": ValidationError(TAKEN, code="taken", params=params)})


def _beside(locked: Workspace) -> tuple[Any, ...]:
    return locked.bison_api_key_name, locked.bison_api_key_type, locked.bison_api_key_expires_at


def _beside_of(locked: Workspace, entered: Entered) -> tuple[Any, ...]:
    return entered.name or locked.bison_api_key_name, entered.key_type, entered.expires_at


def _readable(key: Secret | None) -> Secret | None:
    """Return the key; None for one that no key of ours opens any more:
    it leaves no hash in the audit log.
    """
    try:
        if key is not None and key.reveal():
            return key
    except CannotOpen:
        return None
    return None
