"""The statements of `calls.library`: whole batches as one JSON value each, so that a batch costs
a handful of them.

Locks are taken in one order everywhere (calls by key or id, then reps by id):
two batches over the same calls wait for each other and never lock each other out.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection

from calls import action_items, indexing
from calls.incoming import SEARCHED, Key, Row, defaults, key_of, text_of
from core.bulk import Upsert, packed, recordset

# A source may speak of these columns; beside each is how it is read from JSON.
COLUMNS: Final[Mapping[str, str]] = {
    "organization_id": "uuid",
    "source": "text",
    "external_id": "text",
    "appointment_id": "uuid",
    "lead_id": "uuid",
    "rep_id": "uuid",
    "title": "text",
    "status": "text",
    "scheduled_start": "timestamptz",
    "scheduled_end": "timestamptz",
    "started_at": "timestamptz",
    "ended_at": "timestamptz",
    "duration_seconds": "integer",
    "summary": "text",
    "action_items": "jsonb",
    "outcome": "text",
    "language": "text",
    "url": "text",
    "share_url": "text",
    "data": "jsonb",
    "room_name": "text",
    "as_of": "timestamptz",
    "content_hash": "bytea",
}
NAMES: Final = ("source", "external_id", "organization_id")
_NAME: Final = (*NAMES, "appointment_id")

_FIND = """
SELECT c.id, c.source, c.external_id, c.organization_id, c.appointment_id, c.content_hash, c.as_of,
    c.rep_id
FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS k(source, external_id, organization_id)
JOIN calls_call c USING (source, external_id, organization_id)
WHERE c.external_id <> ''
"""
_FIND_BY_APPOINTMENT = """
SELECT c.id, c.source, '', c.organization_id, c.appointment_id, c.content_hash, c.as_of, c.rep_id
FROM calls_call c WHERE c.appointment_id = ANY(%s::uuid[])
"""
_LOCK = " ORDER BY c.id FOR NO KEY UPDATE OF c"
_INSERT: Final = Upsert(
    "calls_call",
    COLUMNS,
    made={
        "id": "gen_random_uuid()", "match_locked": "false", "room_sid": "''", "created_at": "now()",
        "updated_at": "now()",
    },
    changes={},
    order=_NAME,
    returning=("id", *_NAME),
)  # fmt: skip
# What a person chose (rep, lead, outcome) is not overruled, and a source that knows no lead
# takes none away.
_MERGED: Final[Mapping[str, str]] = {
    "rep_id": "CASE WHEN c.match_locked THEN c.rep_id ELSE r.rep_id END",
    "lead_id": (
        "CASE WHEN c.lead_set_at IS NULL THEN coalesce(r.lead_id, c.lead_id) ELSE c.lead_id END"
    ),
    "outcome": "CASE WHEN c.outcome_set_at IS NULL THEN r.outcome ELSE c.outcome END",
}
_FORGET_PARTICIPANTS = "DELETE FROM calls_callparticipant WHERE call_id = ANY(%s::uuid[])"
_PARTICIPANTS: Final = Upsert(
    "calls_callparticipant",
    {
        "call_id": "uuid", "user_id": "uuid", "display_name": "text", "email": "text",
        "is_host": "boolean", "is_external": "boolean",
    },
    made={
        "id": "gen_random_uuid()", "kind": "'person'", "is_guest": "false",
        **dict.fromkeys(("member_role", "identity", "sid"), "''"),
    },
)  # fmt: skip
# Of these, so many have the same words already.
_UNCHANGED_WORDS = """
SELECT t.call_id FROM unnest(%s::uuid[], %s::text[]) AS given(call_id, text)
JOIN calls_transcript t USING (call_id) WHERE t.text = given.text
"""
_TRANSCRIPTS: Final = Upsert(
    "calls_transcript",
    {"call_id": "uuid", "segments": "jsonb", "text": "text"},
    unique=("call_id",),
    changes={"segments": "EXCLUDED.segments", "text": "EXCLUDED.text"},
    order=("call_id",),
)
_LOCK_REPS = """
SELECT 1 FROM crm_salesrep WHERE id IN (
    SELECT rep_id FROM calls_call WHERE id = ANY(%(calls)s::uuid[])
    UNION SELECT unnest(%(before)s::uuid[])
) ORDER BY id FOR NO KEY UPDATE
"""
_COUNT = """
WITH now_theirs AS (
    SELECT rep_id, count(*) AS n, max(started_at) AS last FROM calls_call
    WHERE id = ANY(%(calls)s::uuid[]) AND rep_id IS NOT NULL GROUP BY rep_id
), were_theirs AS (
    SELECT rep_id, count(*) AS n FROM unnest(%(before)s::uuid[]) AS b(rep_id) GROUP BY rep_id
)
UPDATE crm_salesrep rep
SET call_count = greatest(0, rep.call_count + d.n),
    last_call_at = greatest(rep.last_call_at, d.last)
FROM (
    SELECT rep_id, coalesce(t.n, 0) - coalesce(w.n, 0) AS n, t.last
    FROM now_theirs t FULL JOIN were_theirs w USING (rep_id)
) d
WHERE rep.id = d.rep_id AND (d.n <> 0 OR d.last > coalesce(rep.last_call_at, '-infinity'))
"""
# This is for reps whose call was moved or changed: what was their last call may be another now.
_LAST = """
UPDATE crm_salesrep rep SET last_call_at = l.last
FROM (
    SELECT id, (
        SELECT started_at FROM calls_call c WHERE c.rep_id = r.id AND c.started_at IS NOT NULL
        ORDER BY c.happened_at DESC LIMIT 1
    ) AS last FROM unnest(%s::uuid[]) AS r(id)
) l
WHERE rep.id = l.id AND rep.last_call_at IS DISTINCT FROM l.last
"""

_THEIRS = """
SELECT id, rep_id FROM calls_call WHERE id = ANY(%(calls)s::uuid[])
    AND (%(by_hand)s OR NOT match_locked)
AND (rep_id IS DISTINCT FROM %(rep)s OR organization_id <> %(organization)s
    OR match_locked <> (match_locked OR %(by_hand)s))
ORDER BY id FOR NO KEY UPDATE
"""
_GIVE = """
UPDATE calls_call
SET rep_id = %(rep)s, match_locked = match_locked OR %(by_hand)s, updated_at = now(),
    lead_id = CASE WHEN organization_id = %(organization)s THEN lead_id END,
    lead_set_at = CASE WHEN organization_id = %(organization)s THEN lead_set_at END,
    organization_id = %(organization)s
WHERE id = ANY(%(calls)s::uuid[])
"""
# What people of one organization wrote beside a call does not go along to another.
_FORGET_WORK = """
WITH leaving AS (
    SELECT id FROM calls_call WHERE id = ANY(%(calls)s::uuid[])
        AND organization_id <> %(organization)s
), comments AS (
    DELETE FROM calls_callcomment WHERE call_id IN (SELECT id FROM leaving)
), added AS (
    DELETE FROM calls_callaction WHERE call_id IN (SELECT id FROM leaving) AND NOT from_source
)
UPDATE calls_callaction
SET assignee_id = NULL, due_on = NULL, is_done = false, is_decided = false, done_at = NULL,
    done_by_id = NULL
WHERE call_id IN (SELECT id FROM leaving) AND from_source
"""

_RECOUNT = (
    "UPDATE crm_salesrep r SET call_count = (SELECT count(*) FROM calls_call "
    "WHERE rep_id = r.id) WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a stored call is compared by."""

    id: UUID
    content_hash: bytes
    as_of: datetime | None
    rep_id: UUID | None


def says_nothing_new(known: Known, row: Row) -> bool:
    """Tell whether the row is the same as is stored, or older than that."""
    if known.content_hash == row["content_hash"]:
        return True
    as_of = row.get("as_of")
    if not as_of or not known.as_of:
        return False
    return datetime.fromisoformat(as_of) < known.as_of


def find(rows: Mapping[Key, Row], *, lock: bool = False) -> dict[Key, Known]:
    """Find those of these calls that are stored; lock them, in the order of their ids, when
    asked.
    """
    found: dict[Key, Known] = {}
    named = [key for key in rows if key[0] != "appointment"]
    appointments = [key[1] for key in rows if key[0] == "appointment"]
    order = ""
    if lock:
        order = _LOCK
    answers: list[Any] = []
    if named:
        answers += _run(_FIND + order, [list(column) for column in zip(*named, strict=True)])
    if appointments:
        answers += _run(_FIND_BY_APPOINTMENT + order, [appointments])
    for call_id, *name, digest, as_of, rep_id in answers:
        key = key_of(dict(zip(_NAME, name, strict=True)))
        found[key] = Known(call_id, bytes(digest or b""), as_of, rep_id)
    return found


def insert(rows: Mapping[Key, Row]) -> dict[Key, UUID]:
    """Make those that are not stored yet; return the ids of the new calls.

    They are ordered, so that two batches do not cross.
    """
    empty = defaults()
    made: dict[Key, UUID] = {}
    for call_id, *name in _INSERT.run([{**empty, **_columns(row)} for row in rows.values()]):
        made[key_of(dict(zip(_NAME, name, strict=True)))] = call_id
    return made


def found_all(rows: Iterable[Key], known: Mapping[Key, Known]) -> None:
    """Raise IntegrityError for a call that could not be made because another has its appointment or
    its room.
    """
    lost = [key for key in rows if key not in known]
    if lost:
        raise IntegrityError(
            f"Another call has the appointment or the room of {lost[0][0]} {lost[0][1]}"
        )


def update(rows: Mapping[UUID, Row]) -> None:
    """Change these locked calls: of each only what its source spoke of."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for call_id, row in rows.items():
        columns = _columns(row)
        alike.setdefault(tuple(columns), []).append({"id": str(call_id), **columns})
    for names, group in alike.items():
        changes = ", ".join(
            f"{name} = {_MERGED.get(name, f'r.{name}')}" for name in names if name not in NAMES
        )
        types = {"id": "uuid", **{name: COLUMNS[name] for name in names}}
        statement = (
            f"UPDATE calls_call c SET {changes}, updated_at = now()"  # noqa: S608  names from the constant above
            f" FROM {recordset(types)} WHERE c.id = r.id"
        )
        _run(statement, {"rows": packed(group)})


def write_parts(rows: Mapping[UUID, Row], *, changed: Collection[UUID], index: bool) -> list[UUID]:
    """Write participants, transcripts and words of calls that were written;
    return which have words that are new.

    Those in `changed` had some before.
    """
    participants = {
        call_id: row["participants"] for call_id, row in rows.items() if "participants" in row
    }
    people = [
        {"call_id": str(call_id), **person}
        for call_id, everyone in participants.items()
        for person in everyone
    ]
    transcripts = [
        {"call_id": str(call_id), "segments": row["transcript"], "text": text_of(row["transcript"])}
        for call_id, row in rows.items()
        if "transcript" in row
    ]
    if had := [call_id for call_id in changed if call_id in participants]:
        _run(_FORGET_PARTICIPANTS, [had])
    _PARTICIPANTS.run(people)
    action_items.write(
        {call_id: row["action_items"] for call_id, row in rows.items() if "action_items" in row},
        changed=changed,
    )
    spoken = _newly_spoken(rows, changed)
    _TRANSCRIPTS.run(transcripts)
    worded = [call_id for call_id, row in rows.items() if SEARCHED & row.keys()]
    if index:
        indexing.index(worded)
    else:
        indexing.wait(worded)
    return spoken


def _newly_spoken(rows: Mapping[UUID, Row], changed: Collection[UUID]) -> list[UUID]:
    """Return the calls whose transcript, about to be written, has words,
    and other words than before.
    """
    spoken = {
        call_id: text_of(row["transcript"])
        for call_id, row in rows.items()
        if row.get("transcript")
    }
    known = [call_id for call_id in changed if spoken.get(call_id)]
    unchanged: set[UUID] = set()
    if known:
        unchanged = {
            row[0]
            for row in _run(_UNCHANGED_WORDS, [known, [spoken[call_id] for call_id in known]])
        }
    return [call_id for call_id, text in spoken.items() if text and call_id not in unchanged]


def count(created: Iterable[UUID], changed: Mapping[UUID, UUID | None]) -> None:
    """Keep the reps' counters: `changed` tells whose each changed call was before."""
    calls = [*created, *changed]
    before = [rep_id for rep_id in changed.values() if rep_id]
    if calls:
        _run(_LOCK_REPS, {"calls": calls, "before": before})
        _run(_COUNT, {"calls": calls, "before": before})
    if before:
        _run(_LAST, [sorted(set(before))])


def give_to(
    rep_id: UUID, organization_id: UUID, call_ids: list[UUID], *, by_hand: bool
) -> list[UUID]:
    """Give these calls to another rep, and keep both reps' counters; return those that changed."""
    wanted = {"rep": rep_id, "organization": organization_id, "calls": call_ids, "by_hand": by_hand}
    before = dict(_run(_THEIRS, wanted))
    if before:
        _run(_FORGET_WORK, {**wanted, "calls": list(before)})
        _run(_GIVE, {**wanted, "calls": list(before)})
        count([], before)
    return list(before)


def recount(rep_id: UUID) -> None:
    """Count one rep's calls anew, from all of them; locked first, so that no batch counts in
    between.
    """
    _run("SELECT 1 FROM crm_salesrep WHERE id = %s FOR NO KEY UPDATE", [rep_id])
    _run(_RECOUNT, [rep_id])
    _run(_LAST, [[rep_id]])


def _columns(row: Row) -> Row:
    return {name: row[name] for name in COLUMNS if name in row}


def _run(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        if not cursor.description:
            return []
        return cursor.fetchall()
