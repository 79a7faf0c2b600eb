"""E-mail accounts: a workspace's list read whole, then written in one transaction,
then counted by its rows.

An account is in one workspace at a time. Where a shared key lists one that Koppel has in another
workspace, it has moved, or it was read there: so the list is read again, confirmed after every
page, before anything is moved.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import lists
from bison.models import EmailAccount, Workspace
from bison.session import Session
from bison.syncs import reading
from bison.syncs.parts import Found, Span
from core import locks
from core.bulk import Upsert
from core.words.sayings import Saying

PATH: Final = "/sender-emails"
TRIES: Final = 3
CHANGED: Final = _(
    "The list of e-mail accounts changed while it was read, %(times)d times in a row. "
    "Try again later."
)
Listed = dict[int, Mapping[str, Any]]
State = Workspace.AccountsState


def sync(at: Session, _span: Span) -> Found:
    """Store the accounts of the session's workspace."""
    for _try in range(TRIES):
        began = timezone.now()
        piece, listed = _read(at)
        is_whole = piece.is_steady and piece.total == len(listed)
        if is_whole:
            break
    outcomes, in_koppel = _store(at.workspace, listed, piece.total, began, is_whole=is_whole)
    reason = None
    if not is_whole:
        reason = Saying(CHANGED, {"times": TRIES})
    return Found(piece.total, in_koppel, outcomes=outcomes, reason=reason)


def in_koppel(workspace: Workspace) -> int:
    """Return how many accounts of the workspace there are rows of."""
    return EmailAccount.objects.filter(workspace=workspace, gone_at=None).count()


def note_state(workspace: Workspace, state: str) -> None:
    """Say that the last check proved nothing; the numbers of the last proof stay beside that."""
    Workspace.objects.filter(pk=workspace.pk).update(accounts_state=state)


def note_counts(
    workspace: Workspace, at_vendor: int | None, counted: int, began: datetime, *, is_whole: bool
) -> None:
    """Say what a check saw, unless a later one has spoken already."""
    state = State.INCOMPLETE
    if is_whole and at_vendor == counted:
        state = State.COMPLETE
    earlier = Q(accounts_checked_at=None) | Q(accounts_checked_at__lte=began)
    Workspace.objects.filter(earlier, pk=workspace.pk).update(
        accounts_in_koppel=counted,
        accounts_at_vendor=at_vendor,
        accounts_checked_at=began,
        accounts_state=state,
    )


def _read(at: Session) -> tuple[lists.Piece, Listed]:
    piece = lists.everything(at, PATH)
    listed = _by_number(piece)
    if at.is_shared and _of_others(at.workspace, listed):
        piece = lists.everything(at, PATH, most=1)
        listed = _by_number(piece)
    return piece, listed


def _by_number(piece: lists.Piece) -> Listed:
    found: Listed = {}
    for item in piece.items:
        number = reading.number_of(item)
        if number is not None:
            found[number] = item
    return found


def _of_others(workspace: Workspace, listed: Listed) -> bool:
    """Tell whether Koppel has one of these in another workspace of the instance."""
    same = EmailAccount.objects.filter(instance=workspace.instance_id, vendor_id__in=list(listed))
    return same.exclude(workspace=workspace).exists()


def _store(
    workspace: Workspace, listed: Listed, total: int | None, began: datetime, *, is_whole: bool
) -> tuple[dict[str, int], int]:
    """Write what was listed; return what became of it, and how many rows there are then.

    What is not listed is gone only where the list is known to be whole.
    """
    rows = [_row(workspace, number, item) for number, item in listed.items()]
    with transaction.atomic():
        locks.hold("bison.email_accounts", workspace.pk)
        written = _WRITE.run(rows, as_of=began)
        gone = 0
        if is_whole:
            unlisted = EmailAccount.objects.filter(
                workspace=workspace, gone_at=None, seen_at__lt=began
            )
            gone = unlisted.update(gone_at=began)
        counted = in_koppel(workspace)
        note_counts(workspace, total, counted, began, is_whole=is_whole)
    new = sum(1 for _number, is_new in written if is_new)
    return {
        "accounts_new": new,
        "accounts_known": len(written) - new,
        "accounts_gone": gone,
    }, counted


def _row(workspace: Workspace, number: int, item: Mapping[str, Any]) -> dict[str, Any]:
    warmup = item.get("warmup_enabled")
    if not isinstance(warmup, bool):
        warmup = None
    return {
        "instance_id": str(workspace.instance_id),
        "workspace_id": str(workspace.pk),
        "vendor_id": number,
        "email": reading.text(item.get("email"), 320),
        "name": reading.text(item.get("name"), 300),
        "status": status_of(item),
        "type": reading.text(item.get("type"), 60),
        "daily_limit": reading.whole(item.get("daily_limit")),
        "warmup_enabled": warmup,
        "raw": item,
    }


def status_of(item: Mapping[str, Any]) -> str:
    """Return the status in one spelling: the vendor writes `Not connected`,
    `not connected` and `not_connected`.
    """
    return reading.text(item.get("status"), 60).strip().casefold().replace("_", " ")[:60]


_COLUMNS: Final = {
    "instance_id": "uuid",
    "workspace_id": "uuid",
    "vendor_id": "bigint",
    "email": "text",
    "name": "text",
    "status": "text",
    "type": "text",
    "daily_limit": "integer",
    "warmup_enabled": "boolean",
    "raw": "jsonb",
}
# Of two that read at once the one that began later is right.
_NEWER: Final = "EXCLUDED.seen_at >= stored.seen_at"
_WRITE: Final = Upsert(
    "email_accounts_raw",
    _COLUMNS,
    made={"id": "gen_random_uuid()", "first_seen_at": "now()", "seen_at": "%(as_of)s"},
    unique=("instance_id", "vendor_id"),
    changes={
        **{
            name: f"CASE WHEN {_NEWER} THEN EXCLUDED.{name} ELSE stored.{name} END"
            for name in [*_COLUMNS, "seen_at"]
            if name not in {"instance_id", "vendor_id"}
        },
        "gone_at": f"CASE WHEN {_NEWER} THEN NULL ELSE stored.gone_at END",
    },
    order=("vendor_id",),
    returning=("vendor_id", "xmax = 0"),
)
