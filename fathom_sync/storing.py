"""How meetings get in, whichever way they came: a page of a sync, a webhook (a page of one), or a second look.

A batch is one transaction: what is known by its hash is counted and nothing is written; the rest is read, matched, and
stored as calls and as rows of `FathomMeeting`. Each meeting gets exactly one outcome.

Locks are taken in one order: calls, then reps (both by calls.storing), then meetings by recording_id. Before it looks
up whom addresses mean, a batch takes the shared side of a barrier that `unmatched` passes after an address changed: so
a batch that did not see the change is committed before waiting meetings are looked at again, and none is left over.
"""

import logging
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from calls import incoming, library
from fathom_sync import matching, meeting_rows, pages, parsing
from fathom_sync.matching import Match, Scope
from fathom_sync.meeting_rows import Earlier
from fathom_sync.models import FathomAccount, FathomMeeting
from fathom_sync.pages import Item
from fathom_sync.parsing import Meeting

logger = logging.getLogger(__name__)

# What one transaction holds at most. Bytes as well as number: a meeting with its transcript may have 60 KB and more.
BATCH_ITEMS: Final = 250
BATCH_BYTES: Final = 2 * 1024 * 1024

IMPORTED: Final = "imported"
UPDATED: Final = "updated"
DUPLICATE: Final = "duplicate"
SKIPPED: Final = "skipped_"
ERROR: Final = "error_"
REFUSED: Final = "refused"
NOT_FETCHED: Final = "not_fetched"
_OUTCOMES: Final = {"created": IMPORTED, "updated": UPDATED, "unchanged": DUPLICATE}
Kind = FathomMeeting.Outcome
Tally = Counter[str]

# Any number, always this one: the barrier between batches and changes of whom addresses mean.
BARRIER: Final = 0x466174686F6D


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: outcomes by name, and how many of its meetings said something new."""

    outcomes: Tally
    fresh: int


@dataclass(slots=True)
class _Told:
    """One meeting on its way in: what it says, whose it is, and what becomes of it."""

    meeting: Meeting
    match: Match
    earlier: Earlier | None
    row: incoming.Row | None = field(default=None, repr=False)
    call_id: UUID | None = None
    outcome: str = ""
    reason: str = ""


def store(
    account: FathomAccount,
    items: Sequence[Item],
    as_of: datetime,
    *,
    index: bool = False,
    scopes: "Scopes | None" = None,
) -> "Stored":
    """Store what this account listed at that time, and say what became of each: the tally sums up to len(items)."""
    tally: Tally = Counter()
    with transaction.atomic():
        fresh = _new_of(account, items, tally)
        if fresh:
            tally += _write(list(fresh.values()), as_of, scopes or Scopes(), index=index, account_id=account.pk)
    return Stored(tally, len(fresh))


def store_pushed(account: FathomAccount, raw: bytes, *, as_of: datetime | None = None) -> "Stored":
    """One meeting that Fathom sent to the account's webhook, at that time. Sent again it has no second effect."""
    return store(account, [pages.item(raw)], as_of or timezone.now(), index=True)


def look_again(rows: Iterable[FathomMeeting]) -> Tally:
    """Match meetings that wait here anew, from what was kept of them: nothing is asked of Fathom."""
    tally: Tally = Counter()
    scopes = Scopes()
    waiting = sorted(rows, key=lambda row: row.as_of)
    with transaction.atomic():
        for as_of in sorted({row.as_of for row in waiting}):
            items = [kept(row) for row in waiting if row.as_of == as_of and row.raw is not None]
            tally += _write(items, as_of, scopes, index=False, account_id=None)
    return tally


def note_missing(account: FathomAccount, items: Sequence[Item], as_of: datetime) -> None:
    """Rows for meetings that Fathom lists and that are not here: a gap that everybody can see until it is closed."""
    told = [_Told(parsing.read(item), Match(None), None, outcome=Kind.MISSING, reason=NOT_FETCHED) for item in items]
    rows = {one.meeting.item.name: _row(one, Scopes(), set()) for one in told}
    meeting_rows.note([{**row, "outcome": Kind.MISSING, "raw": None} for row in rows.values()], as_of, account)


def kept(row: FathomMeeting) -> Item:
    """The meeting as it came."""
    return Item(zlib.decompress(bytes(row.raw or b"")), bytes(row.raw_hash or b""), row.recording_id)


def pass_barrier() -> None:
    """Return once every batch is committed that may not have seen what was committed before this."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BARRIER])


class Scopes:
    """What the accounts that list meetings are: read once for a batch, and for those of a sync once in all."""

    def __init__(self) -> None:
        self._known: dict[UUID, Scope] = {}

    def of(self, account_ids: Iterable[UUID]) -> list[Scope]:
        """An account that is gone counts no more."""
        return [self._known[one] for one in account_ids if one in self._known]

    def read(self, account_ids: set[UUID]) -> None:
        wanted = account_ids - self._known.keys()
        if wanted:
            for account in FathomAccount.objects.filter(pk__in=wanted).only("organization_id", "fathom_teams"):
                teams = frozenset(team.strip().casefold() for team in account.fathom_teams)
                self._known[account.pk] = Scope(account.organization_id, teams)


def _new_of(account: FathomAccount, items: Sequence[Item], tally: Tally) -> dict[str, Item]:
    """Those that say something new, each once, as told last; the others are counted."""
    known = meeting_rows.known(account.pk, [item.name for item in items])
    fresh: dict[str, Item] = {}
    for item in items:
        before = known.get(item.name)
        if before is not None and before.digest == item.digest and before.is_settled:
            tally[DUPLICATE if before.outcome == Kind.IMPORTED else f"{SKIPPED}{before.reason}"] += 1
            continue
        if item.name in fresh:
            tally[DUPLICATE] += 1
        fresh[item.name] = item
    return fresh


def _write(items: Sequence[Item], as_of: datetime, scopes: Scopes, *, index: bool, account_id: UUID | None) -> Tally:
    """Read, match and store; `account_id` None when no account lists them now."""
    meetings = [parsing.read(item) for item in items]
    earlier = meeting_rows.earlier([meeting.recording_id for meeting in meetings])
    mine = {account_id} if account_id else set()
    scopes.read({one for row in earlier.values() for one in row.accounts} | mine)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [BARRIER])
    people = matching.people(meeting.recorder for meeting in meetings)
    told = []
    for meeting in meetings:
        before = earlier.get(meeting.recording_id)
        listed_by = scopes.of({*(before.accounts if before else ()), *mine})
        match = matching.match(meeting.recorder, meeting.team, listed_by, people)
        told.append(_decided(meeting, match, before, listed_by, as_of))
    _store_calls([one for one in told if one.row is not None], index=index)
    meeting_rows.write([_row(one, scopes, mine) for one in told], as_of, account_id)
    return Counter(one.outcome for one in told)


def _decided(
    meeting: Meeting, match: Match, before: Earlier | None, listed_by: Sequence[Scope], as_of: datetime
) -> _Told:
    """What is to become of it. One that is a call already stays one: in its organization, whoever has the address now,
    and with its rep where none is found."""
    told = _Told(meeting, match, before)
    if meeting.problem:
        return _refuse(told, ERROR, meeting.problem)
    rep = match.rep if match.rep is not None and not match.reason else None
    held = before if before is not None and before.call_id else None
    stays = rep is None or held is None or held.is_locked or rep.organization_id != held.call_organization_id
    if held is not None and stays:
        said = parsing.call(meeting, held.call_organization_id, None, as_of)
    elif rep is not None:
        said = parsing.call(meeting, rep.organization_id, rep.id, as_of)
    else:
        return _refuse(told, SKIPPED, match.reason)
    told.row = _fit(said)
    return told if told.row is not None else _refuse(told, ERROR, REFUSED)


def _fit(said: incoming.CallData) -> incoming.Row | None:
    """The call as the library takes it; without the facts beside it where those are nested too deeply for it."""
    for facts in (said.get("data", {}), {}):
        try:
            return incoming.read({**said, "data": facts})
        except (ValueError, TypeError, RecursionError):
            continue
    return None


def _refuse(told: _Told, kind: str, reason: str) -> _Told:
    told.outcome, told.reason, told.row = f"{kind}{reason}", reason, None
    return told


def _store_calls(told: list[_Told], *, index: bool) -> None:
    """All together; where the database refuses one of them, one by one, so that only that one is an error."""
    if not told:
        return
    try:
        with transaction.atomic():
            answers = library.store_rows([one.row for one in told if one.row is not None], index=index)
    except OperationalError:
        raise
    except DatabaseError:
        if len(told) == 1:
            logger.warning("The library refused meeting %s", told[0].meeting.recording_id, exc_info=True)
            _refuse(told[0], ERROR, REFUSED)
            return
        # In the order of their keys, as a batch takes its locks.
        for one in sorted(told, key=lambda one: one.meeting.recording_id):
            _store_calls([one], index=index)
        return
    for one, answer in zip(told, answers, strict=True):
        one.call_id, one.outcome = answer.call_id, _OUTCOMES[answer.outcome]


def _row(told: _Told, scopes: Scopes, mine: set[UUID]) -> dict[str, Any]:
    """The meeting's row. `raw` stays until the meeting is a call."""
    meeting = told.meeting
    here = told.call_id is not None
    organization_id, rep_id = _owner(told, scopes, mine)
    began = meeting.created_at or meeting.started_at
    return {
        "recording_id": meeting.recording_id,
        "organization_id": organization_id,
        "rep_id": rep_id,
        "call_id": told.call_id,
        "outcome": Kind.IMPORTED if here else Kind.ERROR if told.outcome.startswith(ERROR) else Kind.SKIPPED,
        "reason": told.reason,
        "recorder": meeting.recorder,
        "recorder_name": meeting.recorder_name,
        "team": meeting.team,
        "title": meeting.title,
        "created_at": meeting.created_at,
        "started_at": meeting.started_at,
        "ended_at": meeting.ended_at,
        "day": (began or timezone.now()).astimezone(UTC).date(),
        "raw_hash": meeting.item.digest,
        "raw": None if here else zlib.compress(meeting.item.raw, 1),
    }


def _owner(told: _Told, scopes: Scopes, mine: set[UUID]) -> tuple[UUID | None, UUID | None]:
    """Organization and rep that the meeting's row shows: the call's, the matched rep's, or the account's own."""
    held = told.earlier
    if held is not None and held.call_id:
        same = told.match.rep is not None and told.match.rep.organization_id == held.call_organization_id
        if held.is_locked or not same or told.match.reason:
            return held.call_organization_id, held.call_rep_id
    if told.match.rep is not None:
        return told.match.rep.organization_id, told.match.rep.id
    accounts: Mapping[UUID, None] = dict.fromkeys([*(held.accounts if held else ()), *mine])
    near = [scope.organization_id for scope in scopes.of(accounts) if scope.organization_id]
    return (near[0] if near else None), None
