"""What becomes of a meeting: whose it is, and the call that comes of it or the
reason why none does.

Nothing is read or written: a decision is made of what the meeting says, what its recorder's address
means, and the rows that tables have of it already.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from calls import incoming
from fathom_sync.meetings import matching, parsing
from fathom_sync.meetings.matching import Match, Scope
from fathom_sync.meetings.parsing import Meeting
from fathom_sync.meetings.statements import Earlier
from fathom_sync.models import FathomMeeting

SKIPPED: Final = "skipped_"
ERROR: Final = "error_"
REFUSED: Final = "refused"
Kind = FathomMeeting.Outcome


@dataclass(frozen=True, slots=True)
class Source:
    """Whose account lists a batch, what it speaks for, and how its meetings came up."""

    account_id: UUID
    scope: Scope
    # Nothing was listed: what waits is matched anew.
    again: bool = False


@dataclass(slots=True)
class Decision:
    """What becomes of one meeting: what it says, whose it is, and its outcome."""

    meeting: Meeting
    match: Match
    organization_id: UUID | None = None
    # Its row in that organization, and rows that this account brought it to elsewhere before.
    existing: Earlier | None = None
    elsewhere: list[Earlier] = field(default_factory=list)
    row: incoming.Row | None = field(default=None, repr=False)
    call_id: UUID | None = None
    outcome: str = ""
    reason: str = ""
    # Nothing of it is written.
    is_ignored: bool = False
    # The same meeting, shown to a second organization: it is counted with the first.
    is_repeated: bool = False


def decisions_on(
    meeting: Meeting, rows: Collection[Earlier], source: Source, people: matching.People
) -> list[Decision]:
    """Say whose the meeting is, and in which organization;
    one that two of them claim is shown to each.

    What an organization has of this account stays there, whatever the address means
    elsewhere by now.
    """
    own_rows = [row for row in rows if source.account_id in row.accounts]
    home = _home(own_rows)
    scope = source.scope
    if scope.organization_id is None and home is not None:
        scope = replace(scope, organization_id=home.organization_id)

    match = matching.match(meeting.recorder, meeting.team, scope, people)
    if match.reason == matching.AMBIGUOUS:
        claims = matching.claims(meeting.recorder, scope, people)
        return _decisions_for_each(meeting, claims, rows, own_rows)

    organization_id = scope.organization_id or _organization_of(match)
    existing = next((row for row in rows if row.organization_id == organization_id), None)
    elsewhere = [row for row in own_rows if row is not existing and not row.call_id]
    return [Decision(meeting, match, organization_id, existing, elsewhere)]


def _organization_of(match: Match) -> UUID | None:
    if match.rep is None:
        return None
    return match.rep.organization_id


def _home(own_rows: Collection[Earlier]) -> Earlier | None:
    """Return the row of the one organization that has it: as a call,
    or waiting there and claimed by no other.
    """
    rows = [row for row in own_rows if row.organization_id is not None]
    imported = next((row for row in rows if row.call_id is not None), None)
    if imported is not None:
        return imported
    if len(rows) != 1 or rows[0].reason == matching.AMBIGUOUS:
        return None
    return rows[0]


def _decisions_for_each(
    meeting: Meeting,
    claims: Sequence[Match],
    rows: Collection[Earlier],
    own_rows: Collection[Earlier],
) -> list[Decision]:
    """Show the meeting to each organization that claims it, without what could say whose it is."""
    shown = replace(meeting, title="", recorder_name="")
    by_organization = {row.organization_id: row for row in rows}
    claiming = {claim.rep.organization_id for claim in claims if claim.rep is not None}
    # These rows are followed by the first decision alone, as a row moves once.
    elsewhere = [row for row in own_rows if row.organization_id not in claiming and not row.call_id]
    decisions: list[Decision] = []
    for claim in claims:
        organization_id = _organization_of(claim)
        decision = Decision(shown, claim, organization_id, by_organization.get(organization_id))
        if decisions:
            decision.is_repeated = True
        else:
            decision.elsewhere = elsewhere
        decisions.append(decision)
    return decisions


def decide(decision: Decision, source: Source, as_of: datetime) -> None:
    """Set the row of the call that comes of the meeting, or refuse it with the reason."""
    meeting, match, existing = decision.meeting, decision.match, decision.existing
    if meeting.problem:
        refuse(decision, ERROR, meeting.problem)
        return

    rep_id = _rep_of(match, decision.organization_id)
    imported = None
    if existing is not None and existing.call_id:
        imported = existing
    is_nobodys = imported is None and rep_id is None
    if decision.organization_id is None or is_nobodys:
        refuse(decision, SKIPPED, match.reason)
        decision.is_ignored = source.again and _still_waits(decision)
        return

    is_locked = imported is not None and imported.is_locked
    call = parsing.call(meeting, decision.organization_id, None if is_locked else rep_id, as_of)
    has_another_name = imported is not None and imported.recorder != meeting.recorder
    if has_another_name and rep_id is None and not is_locked:
        # Its rep was found by another name on it.
        call["rep_id"] = None
    decision.row = _fit(call)
    if decision.row is None:
        refuse(decision, ERROR, REFUSED)


def _rep_of(match: Match, organization_id: UUID | None) -> UUID | None:
    """Return the rep who gets the call: the one that the address means, in that organization
    and for no reason not.
    """
    if match.rep is None or match.reason:
        return None
    if match.rep.organization_id != organization_id:
        return None
    return match.rep.id


def _still_waits(decision: Decision) -> bool:
    """Tell whether its row says already, with the same reason, that it waits."""
    existing, match = decision.existing, decision.match
    if existing is None or decision.elsewhere:
        return False
    if existing.outcome != Kind.SKIPPED:
        return False
    return existing.reason == match.reason and existing.rep_id == match.rep_id


def _fit(call: incoming.CallData) -> incoming.Row | None:
    """Return the call as the library takes it; without the facts beside it where those are
    nested too deeply.
    """
    for facts in (call.get("data", {}), {}):
        try:
            return incoming.read({**call, "data": facts})
        except (ValueError, TypeError, RecursionError):
            continue
    return None


def refuse(decision: Decision, kind: str, reason: str) -> None:
    decision.outcome = f"{kind}{reason}"
    decision.reason = reason
    decision.row = None
