"""How meetings get in, whichever way they came: a page of a sync, a webhook (a page of one),
or a second look.

A batch is one transaction: what is known by its hash is counted and nothing is written; the rest
is read, matched, and stored as calls and as rows of `FathomMeeting`. Each meeting gets exactly
one outcome.

An organization's account, and a rep's, speak for that organization alone, whatever they say; the
installation's for whichever organization has the rep. So a meeting has a row, and a call, in
each organization that has it. What one has stays there, whoever claims the address later. A
meeting that two claim is shown to both, without its title, and is nobody's until one of them
gives the address up.

Locks are taken in one order: calls, then reps (both by calls.storing), then meetings by
recording_id. Before it looks up whom addresses mean, a batch takes the shared side of a barrier
that `unmatched` passes after an address changed: so a batch that did not see the change is
committed before waiting meetings are looked at again, and none is left over.
"""

import logging
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from calls import library
from core import locks
from crm.privacy import returning
from fathom_sync.meetings import deciding, erased, matching, pages, parsing, statements
from fathom_sync.meetings.deciding import ERROR, REFUSED, SKIPPED, Decision, Source
from fathom_sync.meetings.matching import Match, Scope
from fathom_sync.meetings.pages import Item
from fathom_sync.meetings.statements import Known
from fathom_sync.models import FathomAccount, FathomMeeting

logger = logging.getLogger(__name__)

# What one transaction holds at most. Bytes as well as number:
# a meeting with its transcript may have 60 KB and more.
BATCH_ITEMS: Final = 250
BATCH_BYTES: Final = 2 * 1024 * 1024

IMPORTED: Final = "imported"
UPDATED: Final = "updated"
DUPLICATE: Final = "duplicate"
# These are calls in the library.
IN_LIBRARY: Final = (IMPORTED, UPDATED, DUPLICATE)
NOT_FETCHED: Final = "not_fetched"
_OUTCOMES: Final = {"created": IMPORTED, "updated": UPDATED, "unchanged": DUPLICATE}
Kind = FathomMeeting.Outcome
Tally = Counter[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: outcomes by name, and how many of its meetings said something new."""

    outcomes: Tally
    fresh: int


def store(
    account: FathomAccount,
    items: Sequence[Item],
    as_of: datetime,
    *,
    scopes: "Scopes | None" = None,
    anew: bool = False,
) -> "Stored":
    """Store what this account listed at that time, and say what became of each:
    the tally sums up to len(items).

    `anew`: what waits is matched again although Fathom says nothing new of it.
    """
    tally: Tally = Counter()
    with transaction.atomic():
        fresh = _new_of(account, items, tally, anew=anew)
        if fresh:
            source = Source(account.pk, (scopes or Scopes()).of(account))
            tally += _write(list(fresh.values()), as_of, source)
    return Stored(tally, len(fresh))


def store_pushed(
    account: FathomAccount, raw: bytes, *, received_at: datetime | None = None
) -> "Stored":
    """Store one meeting that Fathom sent to the webhook of an account that is no rep's own.

    Sent again it has no second effect.
    """
    item = pages.item(raw)
    tally: Tally = Counter()
    with transaction.atomic():
        if not _new_of(account, [item], tally, anew=False):
            return Stored(tally, 0)
        source = Source(account.pk, Scopes().of(account))
        return Stored(_write([item], received_at or timezone.now(), source, index=True), 1)


def look_again(rows: Sequence[FathomMeeting]) -> Tally:
    """Match meetings that wait anew, from what was kept of them: nothing is asked of Fathom."""
    tally: Tally = Counter()
    waiting: dict[tuple[datetime, UUID], list[FathomMeeting]] = {}
    listing = {pk for row in rows for pk in row.accounts}
    accounts = {account.pk: account for account in FathomAccount.objects.filter(pk__in=listing)}
    seen: set[tuple[UUID, str]] = set()
    for row in sorted(rows, key=lambda row: row.as_of, reverse=True):
        account = _nearest([accounts[pk] for pk in row.accounts if pk in accounts])
        # Once: what an account lists is decided on for all organizations that have it.
        if account is None or (account.pk, row.recording_id) in seen:
            continue
        seen.add((account.pk, row.recording_id))
        waiting.setdefault((row.as_of, account.pk), []).append(row)
    scopes = Scopes()
    with transaction.atomic():
        for as_of, account_id in sorted(waiting):
            items = [kept(row) for row in waiting[as_of, account_id] if row.raw is not None]
            tally += _write(
                items, as_of, Source(account_id, scopes.of(accounts[account_id]), again=True)
            )
    return tally


def _nearest(accounts: Collection[FathomAccount]) -> FathomAccount | None:
    """Return the account that speaks: the organization's own before the one for all."""
    return min(
        accounts,
        key=lambda account: (account.organization_id is None, str(account.pk)),
        default=None,
    )


def note_missing(account: FathomAccount, items: Sequence[Item], as_of: datetime) -> None:
    """Write rows for meetings that Fathom lists and that we lack:
    a gap that everybody can see until it is closed.
    """
    decisions = [
        Decision(parsing.read(item), Match(None), account.organization_id) for item in items
    ]
    if returning.begin():
        erased.leave_out(decisions)
    for decision in decisions:
        decision.outcome, decision.reason = Kind.MISSING, NOT_FETCHED
    rows = {decision.meeting.item.name: _row(decision) for decision in decisions}
    statements.note(
        [{**row, "outcome": Kind.MISSING, "raw": None} for row in rows.values()], as_of, account
    )


def kept(row: FathomMeeting) -> Item:
    """Return the meeting as it came."""
    return Item(
        zlib.decompress(bytes(row.raw or b"")), bytes(row.raw_hash or b""), row.recording_id
    )


def pass_barrier() -> None:
    """Return once every batch is committed that may not have seen what was
    committed before this.
    """
    with transaction.atomic():
        locks.hold("fathom.addresses")


class Scopes:
    """What accounts speak for: worked out once for a sync."""

    def __init__(self) -> None:
        self._known: dict[UUID, Scope] = {}

    def of(self, account: FathomAccount) -> Scope:
        if account.pk not in self._known:
            teams = frozenset(team.strip().casefold() for team in account.fathom_teams)
            self._known[account.pk] = Scope(account.organization_id, teams)
        return self._known[account.pk]


def _new_of(
    account: FathomAccount, items: Sequence[Item], tally: Tally, *, anew: bool
) -> dict[str, Item]:
    """Return the items that say something new, each once, as listed last; count the others."""
    known = statements.known(account.pk, [item.name for item in items])
    settled = (Kind.IMPORTED,) if anew else (Kind.IMPORTED, Kind.SKIPPED)
    fresh: dict[str, Item] = {}
    for item in items:
        before = known.get(item.name)
        if before is not None and _is_settled(before, item, account, settled):
            tally[
                DUPLICATE if before.outcome == Kind.IMPORTED else f"{SKIPPED}{before.reason}"
            ] += 1
            continue
        if item.name in fresh:
            tally[DUPLICATE] += 1
        fresh[item.name] = item
    return fresh


def _is_settled(
    before: Known, item: Item, account: FathomAccount, settled: Collection[str]
) -> bool:
    """Tell whether the same bytes were decided on before, under the key that lists them now."""
    if before.digest != item.digest or before.outcome not in settled:
        return False
    return account.listing_since is None or before.as_of >= account.listing_since


def _write(items: Sequence[Item], as_of: datetime, source: Source, *, index: bool = False) -> Tally:
    """Read, match, decide and store; return how many meetings came to each outcome."""
    meetings = [parsing.read(item) for item in items]
    anybody_is_erased = returning.begin()
    earlier = statements.earlier([meeting.recording_id for meeting in meetings])
    locks.hold("fathom.addresses", shared=True)
    people = matching.people(meeting.recorder for meeting in meetings)

    decisions: list[Decision] = []
    for meeting in meetings:
        decisions += deciding.decisions_on(
            meeting, earlier.get(meeting.recording_id, ()), source, people
        )
    for decision in decisions:
        deciding.decide(decision, source, as_of)
    if anybody_is_erased:
        erased.leave_out(decisions)

    _store_calls([decision for decision in decisions if decision.row is not None], index=index)
    _write_meetings([decision for decision in decisions if not decision.is_ignored], as_of, source)
    return Counter(decision.outcome for decision in decisions if not decision.is_repeated)


def _write_meetings(decisions: Sequence[Decision], as_of: datetime, source: Source) -> None:
    """Write the meetings' rows; those that stand elsewhere move to where the decision puts them."""
    if not decisions:
        return
    moves = [
        (decision.meeting.recording_id, row.organization_id, decision.organization_id)
        for decision in decisions
        for row in decision.elsewhere
    ]
    statements.write([_row(decision) for decision in decisions], as_of, source.account_id, moves)


def _store_calls(decisions: list[Decision], *, index: bool) -> None:
    """Store all together; where the database refuses one of them, one by one,
    so that only that one is an error.
    """
    if not decisions:
        return
    rows = [decision.row for decision in decisions if decision.row is not None]
    try:
        with transaction.atomic():
            answers = library.store_rows(rows, index=index)
    except OperationalError:
        raise
    except DatabaseError:
        if len(decisions) == 1:
            logger.warning(
                "The library refused meeting %s", decisions[0].meeting.recording_id, exc_info=True
            )
            deciding.refuse(decisions[0], ERROR, REFUSED)
            return
        _store_one_by_one(decisions, index=index)
        return
    for decision, answer in zip(decisions, answers, strict=True):
        decision.call_id = answer.call_id
        decision.outcome = _OUTCOMES[answer.outcome]


def _store_one_by_one(decisions: list[Decision], *, index: bool) -> None:
    """Store each by itself, in the order of their keys, as a batch takes its locks."""
    for decision in sorted(decisions, key=lambda decision: decision.meeting.recording_id):
        _store_calls([decision], index=index)


def _row(decision: Decision) -> dict[str, Any]:
    """Return the meeting's row. `raw` stays until the meeting is a call."""
    meeting = decision.meeting
    is_imported = decision.call_id is not None
    began = meeting.created_at or meeting.started_at or timezone.now()
    return {
        "recording_id": meeting.recording_id,
        "organization_id": decision.organization_id,
        "rep_id": _rep_shown(decision),
        "call_id": decision.call_id,
        "outcome": _kind(decision),
        "reason": decision.reason,
        "recorder": meeting.recorder,
        "recorder_name": meeting.recorder_name,
        "team": meeting.team,
        "title": meeting.title,
        "created_at": meeting.created_at,
        "started_at": meeting.started_at,
        "ended_at": meeting.ended_at,
        "day": began.astimezone(UTC).date(),
        "raw_hash": meeting.item.digest,
        "raw": None
        if is_imported or decision.reason == erased.ERASED
        else zlib.compress(meeting.item.raw, 1),
    }


def _kind(decision: Decision) -> str:
    if decision.call_id is not None:
        return Kind.IMPORTED
    if decision.outcome.startswith(ERROR):
        return Kind.ERROR
    return Kind.SKIPPED


def _rep_shown(decision: Decision) -> UUID | None:
    """Return the call's rep, else the one that the address means,
    whatever keeps the meeting out.
    """
    existing, match = decision.existing, decision.match
    is_of_the_organization = (
        match.rep is not None and match.rep.organization_id == decision.organization_id
    )
    rep_id = None
    if is_of_the_organization:
        rep_id = match.rep_id
    if existing is None or not existing.call_id:
        return rep_id
    if existing.is_locked:
        return existing.call_rep_id
    if rep_id is not None and not match.reason:
        return rep_id
    if existing.recorder != decision.meeting.recorder:
        return None
    return existing.call_rep_id
