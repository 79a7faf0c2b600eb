"""The statements of storing: which meetings are known, and a batch of rows written
as one JSON value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from core.bulk import Upsert
from fathom_sync.models import FathomAccount

_KNOWN: Final = """
SELECT recording_id, raw_hash, outcome, reason, as_of FROM fathom_sync_fathommeeting
WHERE recording_id = ANY(%s) AND accounts @> ARRAY[%s]::uuid[]
"""
_LISTED: Final = """
SELECT recording_id FROM fathom_sync_fathommeeting
WHERE recording_id = ANY(%s) AND (accounts @> ARRAY[%s]::uuid[] OR organization_id = %s)
"""
_EARLIER: Final = """
SELECT m.recording_id, m.organization_id, m.accounts, m.outcome, m.reason, m.rep_id, m.recorder,
    m.call_id,
    c.rep_id, coalesce(c.match_locked, false)
FROM fathom_sync_fathommeeting m LEFT JOIN calls_call c ON c.id = m.call_id
WHERE m.recording_id = ANY(%s) ORDER BY m.call_id IS NULL, m.id
"""
# A meeting that was of nobody's organization is of one now: its row goes there, with what is known
# of its past. Where there is a row already, this account tells of it by that one, and of the old
# row no more.
_MOVE: Final = """
UPDATE fathom_sync_fathommeeting m SET organization_id = k.now
FROM unnest(%(names)s::text[], %(before)s::uuid[], %(now)s::uuid[]) AS k(name, before, now)
WHERE m.recording_id = k.name AND m.organization_id IS NOT DISTINCT FROM k.before
    AND m.call_id IS NULL
AND m.accounts <@ ARRAY[%(account)s]::uuid[] AND NOT EXISTS (
    SELECT FROM fathom_sync_fathommeeting t
    WHERE t.recording_id = k.name AND t.organization_id IS NOT DISTINCT FROM k.now
)
"""
_LEAVE: Final = """
UPDATE fathom_sync_fathommeeting m SET accounts = array_remove(m.accounts, %(account)s)
FROM unnest(%(names)s::text[], %(before)s::uuid[]) AS k(name, before)
WHERE m.recording_id = k.name AND m.organization_id IS NOT DISTINCT FROM k.before
    AND m.call_id IS NULL
"""
_FORGET: Final = """
DELETE FROM fathom_sync_fathommeeting WHERE recording_id = ANY(%(names)s) AND accounts = '{}'
    AND call_id IS NULL
"""
_COLUMNS: Final = {
    "recording_id": "text",
    "organization_id": "uuid",
    "rep_id": "uuid",
    "call_id": "uuid",
    "outcome": "text",
    "reason": "text",
    "recorder": "text",
    "recorder_name": "text",
    "team": "text",
    "title": "text",
    "created_at": "timestamptz",
    "started_at": "timestamptz",
    "ended_at": "timestamptz",
    "day": "date",
    "raw_hash": "bytea",
    "raw": "bytea",
}
_KEY: Final = ("recording_id", "organization_id")
# What was fetched earlier changes nothing, and what is a call does not become one that is skipped.
_STAYS: Final = (
    "EXCLUDED.as_of < stored.as_of OR (stored.call_id IS NOT NULL AND EXCLUDED.call_id IS NULL)"
)
_CHANGES: Final = {
    "accounts": "CASE WHEN stored.accounts @> EXCLUDED.accounts THEN stored.accounts"
    " ELSE stored.accounts || EXCLUDED.accounts END",
    "healed_at": "CASE WHEN stored.outcome = 'missing' AND EXCLUDED.outcome <> 'missing' THEN now()"
    " ELSE stored.healed_at END",
    **{
        name: f"CASE WHEN {_STAYS} THEN stored.{name} ELSE EXCLUDED.{name} END"
        for name in [*_COLUMNS, "as_of"]
        if name not in _KEY
    },
}
_WRITE: Final = Upsert(
    "fathom_sync_fathommeeting",
    _COLUMNS,
    made={
        "id": "gen_random_uuid()", "accounts": "%(accounts)s::uuid[]", "as_of": "%(as_of)s",
        "first_seen": "now()",
    },
    unique=_KEY,
    changes=_CHANGES,
    order=_KEY,
)  # fmt: skip
_NOTE: Final = replace(_WRITE, changes={})


# A meeting's name, the organization that its row was in, and the one that it is in now.
Moved = tuple[str, UUID | None, UUID | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What a meeting that this account has listed before is compared with."""

    digest: bytes
    outcome: str
    reason: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """A row that a meeting has already, and the call that it became."""

    organization_id: UUID | None
    accounts: Sequence[UUID]
    outcome: str
    reason: str
    rep_id: UUID | None
    recorder: str
    call_id: UUID | None
    call_rep_id: UUID | None
    is_locked: bool


def known(account_id: UUID, recording_ids: Sequence[str]) -> dict[str, Known]:
    """Return those of these meetings that this account has listed."""
    rows = _run(_KNOWN, [list(recording_ids), account_id])
    return {name: Known(bytes(digest or b""), *rest) for name, digest, *rest in rows}


def listed(account: FathomAccount, recording_ids: Sequence[str]) -> set[str]:
    """Return those that this account has listed, or that its organization has by another."""
    return {
        name
        for (name,) in _run(_LISTED, [list(recording_ids), account.pk, account.organization_id])
    }


def earlier(recording_ids: Sequence[str]) -> dict[str, list[Earlier]]:
    """Return all their rows, one for each organization that has the meeting;
    those that are calls first.
    """
    found: dict[str, list[Earlier]] = {}
    for name, *rest in _run(_EARLIER, [list(recording_ids)]):
        found.setdefault(name, []).append(Earlier(*rest))
    return found


def write(
    rows: Sequence[dict[str, Any]], as_of: datetime, account_id: UUID, moved: Sequence[Moved] = ()
) -> None:
    """Insert them, or change what is there and not newer; `moved` is where this account
    told of them before.
    """
    names = {
        "account": account_id,
        "names": [move[0] for move in moved],
        "before": [move[1] for move in moved],
        "now": [move[2] for move in moved],
    }
    if moved:
        _run(_MOVE, names)
    _WRITE.run(rows, accounts=[account_id], as_of=as_of)
    if moved:
        _run(_LEAVE, names)
        _run(_FORGET, names)


def note(rows: Sequence[dict[str, Any]], as_of: datetime, account: FathomAccount) -> None:
    """Insert those that have no row yet; nothing is taken from what has one."""
    _NOTE.run([{**row, "raw_hash": None} for row in rows], accounts=[account.pk], as_of=as_of)


def _run(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        if not cursor.description:
            return []
        return cursor.fetchall()
