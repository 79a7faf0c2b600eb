"""The one way a call gets in, whatever its source: `store_call` for one, `store_calls` for many.

Both go the same road, a batch in a transaction: compare by hash without a lock, insert what is new,
lock and change what is not, and with it participants, transcript, words and the reps' counters.
Told again, nothing is written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, Unpack
from uuid import UUID

from django.db import transaction

from calls import incoming, storing
from calls.incoming import CallData, Row
from calls.models import Call, Transcript
from core import happenings
from crm.models import SalesRep

Outcome = Literal["created", "updated", "unchanged"]
BATCH_ROWS: Final = 500
BATCH_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one call that came in."""

    call_id: UUID
    outcome: Outcome


def store_call(**data: Unpack[CallData]) -> tuple[Call, Outcome]:
    """Store one call and return it, with what became of it.
    What is older than what is stored changes nothing.
    """
    [stored] = store_rows([incoming.read(data)])
    return Call.objects.get(pk=stored.call_id), stored.outcome


def store_calls(rows: Iterable[CallData], *, index: bool = True) -> Iterator[Stored]:
    """Store many, a batch in a transaction, and give one answer for each row, in order.

    With `index=False` they are searchable only after `indexing.index_waiting()`:
    for syncs, which call it when their rows are in. In memory is one batch: 500 rows, or 4 MB.
    """
    for batch in _batches(rows):
        yield from store_rows(batch, index=index)


@transaction.atomic
def store_rows(rows: list[Row], *, index: bool = True) -> list[Stored]:
    """Store what `incoming.read` made of some calls, all of it together with what the
    caller's transaction holds.

    A call that comes twice is stored as it came last; the earlier ones change nothing.
    Memory is the caller's business: `BATCH_ROWS`, `BATCH_BYTES`.
    """
    last = {
        incoming.key_of(row): row for row in sorted(rows, key=lambda row: row.get("as_of") or "")
    }
    found = storing.find(last)
    outcomes: dict[incoming.Key, Stored] = {}
    rest = {}
    for key, row in last.items():
        known = found.get(key)
        if known is not None and storing.says_nothing_new(known, row):
            outcomes[key] = Stored(known.id, "unchanged")
        else:
            rest[key] = row
    if rest:
        outcomes |= _write(rest, index=index)
    return _in_order(rows, last, outcomes)


def give_to(rep: SalesRep, call_ids: Iterable[UUID], *, by_hand: bool) -> list[UUID]:
    """Give these calls to this rep and their organization; return those that changed hands or were
    locked.

    What a person chose (`by_hand`) is locked: no source and no rule changes it any more.
    """
    with transaction.atomic():
        return storing.give_to(rep.pk, rep.organization_id, list(call_ids), by_hand=by_hand)


def refresh_rep(rep_id: UUID) -> None:
    """Count this rep's calls anew: for whoever changed a call's rep
    or its start without `store_call`.
    """
    with transaction.atomic():
        storing.recount(rep_id)


def _batches(rows: Iterable[CallData]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for data in rows:
        row = incoming.read(data)
        batch.append(row)
        size += len(row.get("summary", "")) + sum(
            len(part["text"]) for part in row.get("transcript", ())
        )
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write(rows: dict[incoming.Key, Row], *, index: bool) -> dict[incoming.Key, Stored]:
    """Insert what is not stored yet, then lock and change what was, or came in between."""
    created = storing.insert(rows)
    outcomes = {key: Stored(call_id, "created") for key, call_id in created.items()}
    changed: dict[incoming.Key, Row] = {}
    others = {key: row for key, row in rows.items() if key not in created}
    known = storing.find(others, lock=True)
    storing.found_all(others, known)
    for key, row in others.items():
        if storing.says_nothing_new(known[key], row):
            outcomes[key] = Stored(known[key].id, "unchanged")
        else:
            outcomes[key] = Stored(known[key].id, "updated")
            changed[key] = row
    storing.update({known[key].id: row for key, row in changed.items()})
    written = {outcomes[key].call_id: rows[key] for key in [*created, *changed]}
    spoken = storing.write_parts(written, changed=[known[key].id for key in changed], index=index)
    storing.count(created.values(), {known[key].id: known[key].rep_id for key in changed})
    _tell(
        [created[key] for key in created if rows[key].get("status") == Call.Status.COMPLETED],
        spoken,
    )
    return outcomes


def _tell(completed: list[UUID], spoken: list[UUID]) -> None:
    """Tell which calls came in that are over, and of which there are words now."""
    if completed:
        happenings.tell("call.completed", Call.objects.filter(pk__in=completed))
    if spoken:
        happenings.tell(
            "transcript.ready", Transcript.objects.filter(call__in=spoken).select_related("call")
        )


def _in_order(
    rows: list[Row], last: dict[incoming.Key, Row], outcomes: dict[incoming.Key, Stored]
) -> list[Stored]:
    answers = []
    for row in rows:
        key = incoming.key_of(row)
        answer = outcomes[key]
        if last[key] is not row:
            answer = Stored(answer.call_id, "unchanged")
        answers.append(answer)
    return answers
