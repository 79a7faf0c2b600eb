"""Meetings that wait because they are nobody's: looked at again when addresses change, or given to a rep by hand.

Nothing here asks Fathom for anything: what it said is kept with each meeting that waits.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from calls import incoming, library
from calls.models import Call
from core import audit
from core.models import User
from core.queue import jobs
from crm import access, services
from crm.models import RepAlias, SalesRep
from fathom_sync.ledger import days
from fathom_sync.meetings import matching, parsing, storing
from fathom_sync.meetings.parsing import Meeting
from fathom_sync.meetings.storing import Tally
from fathom_sync.models import FathomMeeting

TASK: Final = "fathom_sync.look_again"
CLAIMED_BY_TWO = _("Another organization has this address too, so only the administrators say whose these calls are.")
NOT_GRANTED = _("Later calls of %(addresses)s come in once the administrators have granted the address.")
HAS_LEFT = _("%(rep)s has left: no later calls come in for them. Leave “Remember the address” out, or bring them back.")
MEANS_ANOTHER = _("%(address)s means %(rep)s already. Leave “Remember the address” out, or give the calls to them.")
MEANS_SOMEBODY_WHO_LEFT = _(
    "%(address)s means %(rep)s, who has left. Leave “Remember the address” out, or take the address off them first."
)
BATCH: Final = 100
Outcome = FathomMeeting.Outcome


@dataclass(frozen=True, slots=True)
class Moved:
    """What one step did: what became of its meetings, the days whose numbers are other ones now, and whether anything
    came into the library."""

    decided: Tally
    days: set[date]
    came_in: bool = False


def on_rep_changed(*, rep_id: UUID, **_facts: Any) -> None:
    """A rep was added, archived or restored, or has other addresses: told by crm after its commit."""
    jobs.after_commit(TASK, str(rep_id))


def look_again(rep_id: UUID) -> Tally:
    """What waits under this rep's addresses, or with their name on it, moves to where it belongs now; and so does what
    waited because an address that they gave up was somebody else's too."""
    storing.pass_barrier()
    return _counted(move(rep_id))


def move(rep_id: UUID) -> Iterator[Moved]:
    """The moving itself, a batch a step: what a simulation tries out too."""
    addresses = list(RepAlias.objects.filter(rep_id=rep_id).values_list("normalized", flat=True))
    theirs = Q(recorder__in=addresses) | Q(rep_id=rep_id)
    yield from _match_again(_waiting().filter(theirs | _ONE_ORGANIZATIONS_NOW))
    yield from _move_within_organization(rep_id, addresses)


def sweep() -> Tally:
    """The same for every meeting that waits although its address means somebody who is here: for messages lost."""
    storing.pass_barrier()
    somebodys = Q(_SOMEBODYS, reason__in=(matching.NO_REP, matching.REP_ARCHIVED, matching.OTHER_TEAM))
    return _counted(_match_again(_waiting().filter(somebodys | _ONE_ORGANIZATIONS_NOW)))


def _waiting() -> QuerySet[FathomMeeting]:
    return FathomMeeting.objects.filter(outcome=Outcome.SKIPPED)


_COUNTING: Final = RepAlias.objects.filter(normalized=OuterRef("recorder"), is_waiting=False)
_SOMEBODYS: Final = Exists(_COUNTING.filter(rep__archived_at=None))
_STILL_SHARED: Final = Exists(_COUNTING.values("normalized").annotate(n=Count("pk")).filter(n__gt=1))
# Claimed by one organization at most by now; or by several, and not told to them yet.
_ONE_ORGANIZATIONS_NOW: Final = Q(~_STILL_SHARED | Q(organization=None), reason=matching.AMBIGUOUS)


def assign(meetings: Sequence[FathomMeeting], rep: SalesRep, *, remember: bool, actor: Any, request: Any = None) -> int:
    """Give these to the rep, whatever matching would say, and lock that; how many are in the library now.

    `remember`: their addresses mean the rep from now on, so that the others of the same address follow.
    ValidationError, and nothing is done, where an address cannot be remembered, or two organizations have it.
    """
    _refuse_claimed(meetings, actor)
    with transaction.atomic():
        # As all lock it that change addresses: before calls and reps.
        services.lock_addresses(rep.organization_id)
        addresses = sorted({meeting.recorder for meeting in meetings if meeting.recorder})
        if remember:
            _refuse_to_remember(rep, addresses)
        given = _give(meetings, rep)
        if remember:
            _remember(rep, sorted({meeting.recorder for meeting in given} & set(addresses)), actor, request)
        audit.record(
            "meeting.assigned",
            actor=actor,
            target=rep,
            request=request,
            organization_id=rep.organization_id,
            meetings=len(given),
            remember=remember,
        )
    return len(given)


def remembered_in_vain(rep: SalesRep, meetings: Sequence[FathomMeeting]) -> list[str]:
    """Of these meetings' addresses those that are the rep's, and bring no calls until staff grant them."""
    recorders = {meeting.recorder for meeting in meetings}
    waiting = RepAlias.objects.filter(rep=rep, is_waiting=True, normalized__in=recorders)
    return list(waiting.order_by("normalized").values_list("normalized", flat=True))


def _refuse_claimed(meetings: Sequence[FathomMeeting], actor: Any) -> None:
    """What two organizations have the address of is given to one of them by the house alone."""
    shared = any(meeting.reason == matching.AMBIGUOUS for meeting in meetings)
    if shared and isinstance(actor, User) and not access.is_internal(actor):
        raise ValidationError({"ids": ValidationError(CLAIMED_BY_TWO, code="claimed")})


def _refuse_to_remember(rep: SalesRep, addresses: Sequence[str]) -> None:
    """Refuse in the words of who gives meetings away, not of who edits a rep."""
    if rep.archived_at is not None:
        raise ValidationError({"remember": ValidationError(HAS_LEFT, code="archived", params={"rep": rep.name})})
    others = RepAlias.objects.filter(organization_id=rep.organization_id, normalized__in=addresses).exclude(rep=rep)
    taken = others.select_related("rep").order_by("normalized").first()
    if taken is not None:
        words = MEANS_SOMEBODY_WHO_LEFT
        if taken.rep.archived_at is None:
            words = MEANS_ANOTHER
        named = {"address": taken.address, "rep": taken.rep.name}
        raise ValidationError({"remember": ValidationError(words, code="taken", params=named)})


def _remember(rep: SalesRep, addresses: Sequence[str], actor: Any, request: Any) -> None:
    try:
        for address in addresses:
            services.add_alias(rep=rep, address=address, actor=actor, request=request)
    except ValidationError as error:
        raise ValidationError({"remember": error.messages}) from error


def _give(meetings: Sequence[FathomMeeting], rep: SalesRep) -> list[FathomMeeting]:
    """Those that could be given: of the others nothing was kept that could become a call. Locks as storing takes them:
    all the calls, the rep, then the meetings."""
    calls = {meeting.pk: meeting.call_id for meeting in meetings if meeting.call_id}
    to_read = [meeting for meeting in meetings if meeting.pk not in calls and meeting.raw is not None]
    read = {meeting.pk: parsing.read(storing.kept(meeting)) for meeting in to_read}
    whole = [meeting for meeting in meetings if meeting.pk in read and not read[meeting.pk].problem]
    data = [parsing.call(read[meeting.pk], rep.organization_id, rep.pk, meeting.as_of) for meeting in whole]
    rows = [incoming.read(call) for call in data]
    calls |= {meeting.pk: stored.call_id for meeting, stored in zip(whole, library.store_rows(rows), strict=True)}
    library.give_to(rep, calls.values(), by_hand=True)
    given = [meeting for meeting in meetings if meeting.pk in calls]
    # The organization may have one of them already, from an account of its own: one row stays. And what two had the
    # address of is no longer the other's.
    alike = FathomMeeting.objects.filter(recording_id__in=[meeting.recording_id for meeting in given])
    claimed = Q(reason=matching.AMBIGUOUS, outcome=Outcome.SKIPPED)
    alike.filter(claimed | Q(organization_id=rep.organization_id)).exclude(pk__in=calls).delete()
    for meeting_id in sorted(calls):
        FathomMeeting.objects.filter(pk=meeting_id).update(
            outcome=Outcome.IMPORTED,
            reason="",
            call_id=calls[meeting_id],
            rep_id=rep.pk,
            organization_id=rep.organization_id,
            raw=None,
            **_names(read.get(meeting_id)),
        )
    days.recount({meeting.day for meeting in given})
    return given


def _names(read: Meeting | None) -> dict[str, str]:
    """Return what was not shown while two organizations claimed the meeting."""
    if read is None:
        return {}
    return {"title": read.title, "recorder_name": read.recorder_name}


def _counted(moved: Iterable[Moved]) -> Tally:
    """What all the steps came to; the ledger and the words of what came in follow."""
    tally: Tally = Counter()
    touched: set[date] = set()
    came_in = False
    for step in moved:
        tally += step.decided
        touched |= step.days
        came_in = came_in or step.came_in
    days.recount(touched)
    if came_in:
        jobs.after_commit("calls.index_waiting")
    return tally


def _match_again(waiting: QuerySet[FathomMeeting]) -> Iterator[Moved]:
    """In batches by id: what was decided is not read twice, whether it still waits or not."""
    rows = waiting.filter(raw__isnull=False).order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        decided = storing.look_again(batch)
        came_in = bool(decided[storing.IMPORTED] or decided[storing.UPDATED])
        yield Moved(decided, {row.day for row in batch} if came_in else set(), came_in)
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _move_within_organization(rep_id: UUID, addresses: Iterable[str]) -> Iterator[Moved]:
    """Calls whose address means another rep of the same organization now follow it; nothing crosses organizations."""
    rep = SalesRep.objects.filter(pk=rep_id, archived_at=None).first()
    if rep is None:
        return
    existing = FathomMeeting.objects.filter(
        recorder__in=list(addresses), organization_id=rep.organization_id, outcome=Outcome.IMPORTED, call__isnull=False
    ).filter(~Q(call__rep_id=rep_id) | Q(call__rep=None), call__match_locked=False)
    while batch := dict(existing.order_by("call_id").values_list("call_id", "day")[:BATCH]):
        with transaction.atomic():
            library.give_to(rep, batch, by_hand=False)
            FathomMeeting.objects.filter(call_id__in=batch).update(rep_id=rep_id)
            moved = Call.objects.filter(pk__in=batch, rep_id=rep_id).exists()
        yield Moved(Counter(), set(batch.values()))
        if not moved:
            return
