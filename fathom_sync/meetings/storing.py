"""How meetings get in, whichever way they came: a page of a sync, a webhook (a page of one), or a second look.

A batch is one transaction: what is known by its hash is counted and nothing is written; the rest is read, matched, and
stored as calls and as rows of `FathomMeeting`. Each meeting gets exactly one outcome.

An organization's account, and a rep's, speak for that organization alone, whatever they say; the installation's for
whichever organization has the rep. So a meeting has a row, and a call, in each organization that has it. What one has
stays there, whoever claims the address later. A meeting that two claim is told to both, without its title, and is
nobody's until one of them gives the address up.

Locks are taken in one order: calls, then reps (both by calls.storing), then meetings by recording_id. Before it looks
up whom addresses mean, a batch takes the shared side of a barrier that `unmatched` passes after an address changed: so
a batch that did not see the change is committed before waiting meetings are looked at again, and none is left over.
"""

import logging
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from calls import incoming, library
from fathom_sync.meetings import matching, pages, parsing, statements
from fathom_sync.meetings.matching import Match, Scope
from fathom_sync.meetings.pages import Item
from fathom_sync.meetings.parsing import Meeting
from fathom_sync.meetings.statements import Earlier, Known
from fathom_sync.models import FathomAccount, FathomMeeting

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


@dataclass(frozen=True, slots=True)
class _Teller:
    """Whose account tells of a batch, what it speaks for, and how it came to tell of it."""

    account_id: UUID
    scope: Scope
    # Nothing was listed: what waits is matched anew.
    again: bool = False


@dataclass(slots=True)
class _Told:
    """One meeting on its way in: what it says, whose it is, and what becomes of it."""

    meeting: Meeting
    match: Match
    organization_id: UUID | None = None
    # Its row in that organization, and where this account told of it before.
    there: Earlier | None = None
    elsewhere: list[Earlier] = field(default_factory=list)
    row: incoming.Row | None = field(default=None, repr=False)
    call_id: UUID | None = None
    outcome: str = ""
    reason: str = ""
    # Nothing of it is written.
    is_ignored: bool = False
    # The same meeting, told to a second organization: it is counted with the first.
    is_repeated: bool = False


def store(
    account: FathomAccount,
    items: Sequence[Item],
    as_of: datetime,
    *,
    scopes: "Scopes | None" = None,
    anew: bool = False,
) -> "Stored":
    """Store what this account listed at that time, and say what became of each: the tally sums up to len(items).

    `anew`: what waits is matched again although Fathom says nothing new of it.
    """
    tally: Tally = Counter()
    with transaction.atomic():
        fresh = _new_of(account, items, tally, anew=anew)
        if fresh:
            teller = _Teller(account.pk, (scopes or Scopes()).of(account))
            tally += _write(list(fresh.values()), as_of, teller)
    return Stored(tally, len(fresh))


def store_pushed(account: FathomAccount, raw: bytes, *, received_at: datetime | None = None) -> "Stored":
    """One meeting that Fathom sent to the webhook of an account that is no rep's own, at that time. Sent again it has
    no second effect."""
    item = pages.item(raw)
    tally: Tally = Counter()
    with transaction.atomic():
        if not _new_of(account, [item], tally, anew=False):
            return Stored(tally, 0)
        teller = _Teller(account.pk, Scopes().of(account))
        return Stored(_write([item], received_at or timezone.now(), teller, index=True), 1)


def look_again(rows: Sequence[FathomMeeting]) -> Tally:
    """Match meetings that wait here anew, from what was kept of them: nothing is asked of Fathom."""
    tally: Tally = Counter()
    waiting: dict[tuple[datetime, UUID], list[FathomMeeting]] = {}
    listing = {one for row in rows for one in row.accounts}
    accounts = {account.pk: account for account in FathomAccount.objects.filter(pk__in=listing)}
    seen: set[tuple[UUID, str]] = set()
    for row in sorted(rows, key=lambda row: row.as_of, reverse=True):
        listed_by = [accounts[one] for one in row.accounts if one in accounts]
        # The nearest tells: the organization's own account before the one for all. And once, to all that have it.
        for account in sorted(listed_by, key=lambda one: (one.organization_id is None, str(one.pk)))[:1]:
            if (account.pk, row.recording_id) not in seen:
                seen.add((account.pk, row.recording_id))
                waiting.setdefault((row.as_of, account.pk), []).append(row)
    scopes = Scopes()
    with transaction.atomic():
        for as_of, account_id in sorted(waiting):
            items = [kept(row) for row in waiting[as_of, account_id] if row.raw is not None]
            tally += _write(items, as_of, _Teller(account_id, scopes.of(accounts[account_id]), again=True))
    return tally


def note_missing(account: FathomAccount, items: Sequence[Item], as_of: datetime) -> None:
    """Rows for meetings that Fathom lists and that are not here: a gap that everybody can see until it is closed."""
    told = [_Told(parsing.read(item), Match(None), account.organization_id) for item in items]
    for one in told:
        one.outcome, one.reason = Kind.MISSING, NOT_FETCHED
    rows = {one.meeting.item.name: _row(one) for one in told}
    statements.note([{**row, "outcome": Kind.MISSING, "raw": None} for row in rows.values()], as_of, account)


def kept(row: FathomMeeting) -> Item:
    """The meeting as it came."""
    return Item(zlib.decompress(bytes(row.raw or b"")), bytes(row.raw_hash or b""), row.recording_id)


def pass_barrier() -> None:
    """Return once every batch is committed that may not have seen what was committed before this."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BARRIER])


class Scopes:
    """What accounts speak for: worked out once for a sync."""

    def __init__(self) -> None:
        self._known: dict[UUID, Scope] = {}

    def of(self, account: FathomAccount) -> Scope:
        if account.pk not in self._known:
            teams = frozenset(team.strip().casefold() for team in account.fathom_teams)
            self._known[account.pk] = Scope(account.organization_id, teams)
        return self._known[account.pk]


def _new_of(account: FathomAccount, items: Sequence[Item], tally: Tally, *, anew: bool) -> dict[str, Item]:
    """Those that say something new, each once, as told last; the others are counted."""
    known = statements.known(account.pk, [item.name for item in items])
    settled = (Kind.IMPORTED,) if anew else (Kind.IMPORTED, Kind.SKIPPED)
    fresh: dict[str, Item] = {}
    for item in items:
        before = known.get(item.name)
        is_same = before is not None and before.digest == item.digest and before.outcome in settled
        if before is not None and is_same and not _is_of_an_old_key(before, account):
            tally[DUPLICATE if before.outcome == Kind.IMPORTED else f"{SKIPPED}{before.reason}"] += 1
            continue
        if item.name in fresh:
            tally[DUPLICATE] += 1
        fresh[item.name] = item
    return fresh


def _is_of_an_old_key(before: Known, account: FathomAccount) -> bool:
    return account.listing_since is not None and before.as_of < account.listing_since


def _write(items: Sequence[Item], as_of: datetime, teller: _Teller, *, index: bool = False) -> Tally:
    """Read, match and store."""
    meetings = [parsing.read(item) for item in items]
    earlier = statements.earlier([meeting.recording_id for meeting in meetings])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [BARRIER])
    people = matching.people(meeting.recorder for meeting in meetings)
    told = [
        one for meeting in meetings for one in _placed(meeting, earlier.get(meeting.recording_id, ()), teller, people)
    ]
    for one in told:
        _decide(one, teller, as_of)
    _store_calls([one for one in told if one.row is not None], index=index)
    written = [one for one in told if not one.is_ignored]
    if written:
        moved = [
            (one.meeting.recording_id, row.organization_id, one.organization_id)
            for one in written
            for row in one.elsewhere
        ]
        statements.write([_row(one) for one in written], as_of, teller.account_id, moved)
    return Counter(one.outcome for one in told if not one.is_repeated)


def _placed(meeting: Meeting, rows: Collection[Earlier], teller: _Teller, people: matching.People) -> list[_Told]:
    """Whose the meeting is, and in which organization; one that two of them claim is told to each.

    What an organization has of this account stays there, whatever the address means elsewhere by now.
    """
    mine = [row for row in rows if teller.account_id in row.accounts]
    home = _home(mine)
    scope = teller.scope
    if scope.organization_id is None and home is not None:
        scope = replace(scope, organization_id=home.organization_id)
    match = matching.match(meeting.recorder, meeting.team, scope, people)
    if match.reason == matching.AMBIGUOUS:
        return _told_to_each(meeting, matching.claims(meeting.recorder, scope, people), rows, mine)
    organization_id = scope.organization_id or (match.rep.organization_id if match.rep is not None else None)
    there = next((row for row in rows if row.organization_id == organization_id), None)
    elsewhere = [row for row in mine if row is not there and not row.call_id]
    return [_Told(meeting, match, organization_id, there, elsewhere)]


def _home(mine: Collection[Earlier]) -> Earlier | None:
    """The row of the one organization that has it: as a call, or waiting there and claimed by no other."""
    rows = [row for row in mine if row.organization_id is not None]
    held = next((row for row in rows if row.call_id is not None), None)
    if held is not None or len(rows) != 1:
        return held
    return None if rows[0].reason == matching.AMBIGUOUS else rows[0]


def _told_to_each(
    meeting: Meeting, claims: Sequence[Match], rows: Collection[Earlier], mine: Collection[Earlier]
) -> list[_Told]:
    # Nothing that could say whose it is to one that it is not.
    shown = replace(meeting, title="", recorder_name="")
    by_organization = {row.organization_id: row for row in rows}
    organizations = {claim.rep.organization_id for claim in claims if claim.rep is not None}
    elsewhere = [row for row in mine if row.organization_id not in organizations and not row.call_id]
    told: list[_Told] = []
    for claim in claims:
        organization_id = claim.rep.organization_id if claim.rep is not None else None
        there = by_organization.get(organization_id)
        # What stood elsewhere is followed by one of them, as a row moves once.
        told.append(_Told(shown, claim, organization_id, there, [] if told else elsewhere, is_repeated=bool(told)))
    return told


def _decide(told: _Told, teller: _Teller, as_of: datetime) -> None:
    """What is to become of it."""
    meeting, match, there = told.meeting, told.match, told.there
    if meeting.problem:
        _refuse(told, ERROR, meeting.problem)
        return
    rep = match.rep if match.rep is not None and not match.reason else None
    mine = rep.id if rep is not None and rep.organization_id == told.organization_id else None
    held = there if there is not None and there.call_id else None
    if told.organization_id is None or (held is None and mine is None):
        _refuse(told, SKIPPED, match.reason)
        told.is_ignored = teller.again and there is not None and not told.elsewhere and _waits_as(there, match)
        return
    said = parsing.call(meeting, told.organization_id, None if held is not None and held.is_locked else mine, as_of)
    if held is not None and not held.is_locked and mine is None and held.recorder != meeting.recorder:
        # Its rep was found by another name on it.
        said["rep_id"] = None
    told.row = _fit(said)
    if told.row is None:
        _refuse(told, ERROR, REFUSED)


def _waits_as(there: Earlier, match: Match) -> bool:
    return there.outcome == Kind.SKIPPED and there.reason == match.reason and there.rep_id == match.rep_id


def _fit(said: incoming.CallData) -> incoming.Row | None:
    """The call as the library takes it; without the facts beside it where those are nested too deeply for it."""
    for facts in (said.get("data", {}), {}):
        try:
            return incoming.read({**said, "data": facts})
        except (ValueError, TypeError, RecursionError):
            continue
    return None


def _refuse(told: _Told, kind: str, reason: str) -> None:
    told.outcome, told.reason, told.row = f"{kind}{reason}", reason, None


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


def _row(told: _Told) -> dict[str, Any]:
    """The meeting's row. `raw` stays until the meeting is a call."""
    meeting = told.meeting
    here = told.call_id is not None
    began = meeting.created_at or meeting.started_at
    return {
        "recording_id": meeting.recording_id,
        "organization_id": told.organization_id,
        "rep_id": _rep_shown(told),
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


def _rep_shown(told: _Told) -> UUID | None:
    """The call's rep, else the one that the address means, whatever keeps the meeting out."""
    held, match = told.there, told.match
    rep_id = match.rep_id if match.rep is not None and match.rep.organization_id == told.organization_id else None
    if held is None or not held.call_id:
        return rep_id
    if held.is_locked:
        return held.call_rep_id
    if rep_id is not None and not match.reason:
        return rep_id
    return held.call_rep_id if held.recorder == told.meeting.recorder else None
