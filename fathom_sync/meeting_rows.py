"""The statements of `fathom_sync.storing`: which meetings are known, and a batch of rows written as one JSON value."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection

from fathom_sync.models import FathomAccount

_KNOWN: Final = """
SELECT recording_id, raw_hash, outcome, reason, %s = ANY(accounts) FROM fathom_sync_fathommeeting
WHERE recording_id = ANY(%s)
"""
_EARLIER: Final = """
SELECT m.recording_id, m.accounts, m.call_id, c.organization_id, c.rep_id, coalesce(c.match_locked, false)
FROM fathom_sync_fathommeeting m LEFT JOIN calls_call c ON c.id = m.call_id WHERE m.recording_id = ANY(%s)
"""
_COLUMNS: Final = {
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
    "raw": "text",
}
_TYPES: Final = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
_READ: Final = ", ".join("decode(r.raw, 'base64')" if name == "raw" else f"r.{name}" for name in _COLUMNS)
# What was fetched earlier changes nothing, and what is a call does not become one that is skipped.
_STAYS: Final = "EXCLUDED.as_of < m.as_of OR (m.call_id IS NOT NULL AND EXCLUDED.call_id IS NULL)"
_CHANGES: Final = ", ".join(
    f"{name} = CASE WHEN {_STAYS} THEN m.{name} ELSE EXCLUDED.{name} END" for name in [*_COLUMNS, "as_of"]
)
_INSERT: Final = f"""
INSERT INTO fathom_sync_fathommeeting AS m
    (id, recording_id, accounts, {", ".join(_COLUMNS)}, as_of, first_seen, unlisted)
SELECT gen_random_uuid(), r.recording_id, %(accounts)s::uuid[], {_READ}, %(as_of)s, now(), 0
FROM json_to_recordset(%(rows)s::json) AS r(recording_id text, {_TYPES})
ORDER BY r.recording_id
"""  # noqa: S608  names from the constants above
_NOTE: Final = f"{_INSERT} ON CONFLICT (recording_id) DO NOTHING"
_WRITE: Final = f"""
{_INSERT}
ON CONFLICT (recording_id) DO UPDATE SET
    accounts = CASE WHEN m.accounts @> EXCLUDED.accounts THEN m.accounts ELSE m.accounts || EXCLUDED.accounts END,
    healed_at = CASE WHEN m.outcome = 'missing' AND EXCLUDED.outcome <> 'missing' THEN now() ELSE m.healed_at END,
    unlisted = 0,
    {_CHANGES}
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What a listed meeting is compared with. Settled: this account has listed it before, and nothing is to be done."""

    digest: bytes
    outcome: str
    reason: str
    is_listed: bool

    @property
    def is_settled(self) -> bool:
        return self.is_listed and self.outcome in ("imported", "skipped")


@dataclass(frozen=True, slots=True)
class Earlier:
    """The row that a meeting has already, and the call that it became."""

    accounts: Sequence[UUID]
    call_id: UUID | None
    call_organization_id: Any
    call_rep_id: UUID | None
    is_locked: bool


def known(account_id: UUID, recording_ids: Sequence[str]) -> dict[str, Known]:
    """Those of these meetings that have a row."""
    rows = _run(_KNOWN, [account_id, list(recording_ids)])
    return {name: Known(bytes(digest or b""), *rest) for name, digest, *rest in rows}


def earlier(recording_ids: Sequence[str]) -> dict[str, Earlier]:
    """The same, with the accounts that list them and the calls that they are."""
    return {name: Earlier(*rest) for name, *rest in _run(_EARLIER, [list(recording_ids)])}


def write(rows: Sequence[dict[str, Any]], as_of: datetime, account_id: UUID | None) -> None:
    """Insert them, or change what is there and not newer."""
    said = [{**row, "raw_hash": _hex(row["raw_hash"]), "raw": _base64(row["raw"])} for row in rows]
    accounts = [account_id] if account_id else []
    _run(_WRITE, {"accounts": accounts, "as_of": as_of, "rows": orjson.dumps(said).decode()})


def note(rows: Sequence[dict[str, Any]], as_of: datetime, account: FathomAccount) -> None:
    """Insert those that have no row yet; nothing is taken from what has one. Whose they are is the account's."""
    mine = {"organization_id": account.organization_id, "raw_hash": None}
    said = [{**row, **mine} for row in rows]
    if said:
        _run(_NOTE, {"accounts": [account.pk], "as_of": as_of, "rows": orjson.dumps(said).decode()})


def _hex(value: bytes | None) -> str | None:
    return None if value is None else rf"\x{value.hex()}"


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _run(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
