"""Meetings that wait because they are nobody's: looked at again when addresses change.

Nothing here asks Fathom for anything: what it said is kept with each meeting that waits.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from calls import library
from calls.models import Call
from core.queue import jobs
from crm.models import RepAlias, SalesRep
from fathom_sync.ledger import days
from fathom_sync.meetings import matching, storing
from fathom_sync.meetings.storing import Tally
from fathom_sync.models import FathomMeeting

TASK: Final = "fathom_sync.look_again"
BATCH: Final = 100
Outcome = FathomMeeting.Outcome


@dataclass(frozen=True, slots=True)
class Moved:
    """What one step did: what became of its meetings, the days whose numbers are other ones now,
    and whether anything came into the library."""

    decided: Tally
    days: set[date]
    came_in: bool = False


def on_rep_changed(*, rep_id: UUID, **_facts: Any) -> None:
    """Look again at what waits for a rep: added, archived or restored, or with other addresses.

    Crm tells after its commit.
    """
    jobs.after_commit(TASK, str(rep_id))


def look_again(rep_id: UUID) -> Tally:
    """Move what waits under this rep's addresses, or with their name on it,
    to where it belongs now.

    So does what waited because an address that they gave up was somebody else's too.
    """
    storing.pass_barrier()
    return _counted(move(rep_id))


def move(rep_id: UUID) -> Iterator[Moved]:
    """Do the moving itself, a batch a step: what a simulation tries out too."""
    addresses = list(RepAlias.objects.filter(rep_id=rep_id).values_list("normalized", flat=True))
    theirs = Q(recorder__in=addresses) | Q(rep_id=rep_id)
    yield from _match_again(_waiting().filter(theirs | _ONE_ORGANIZATIONS_NOW))
    yield from _move_within_organization(rep_id, addresses)


def sweep() -> Tally:
    """Do the same for every meeting that waits although its address means somebody who is here:
    for messages lost.
    """
    storing.pass_barrier()
    somebodys = Q(
        _SOMEBODYS, reason__in=(matching.NO_REP, matching.REP_ARCHIVED, matching.OTHER_TEAM)
    )
    return _counted(_match_again(_waiting().filter(somebodys | _ONE_ORGANIZATIONS_NOW)))


def _waiting() -> QuerySet[FathomMeeting]:
    return FathomMeeting.objects.filter(outcome=Outcome.SKIPPED)


_COUNTING: Final = RepAlias.objects.filter(normalized=OuterRef("recorder"), is_waiting=False)
_SOMEBODYS: Final = Exists(_COUNTING.filter(rep__archived_at=None))
_STILL_SHARED: Final = Exists(
    _COUNTING.values("normalized").annotate(n=Count("pk")).filter(n__gt=1)
)
# Claimed by one organization at most by now; or by several, and not told to them yet.
_ONE_ORGANIZATIONS_NOW: Final = Q(~_STILL_SHARED | Q(organization=None), reason=matching.AMBIGUOUS)


def _counted(moved: Iterable[Moved]) -> Tally:
    """Return what all the steps came to; the ledger and the words of what came in follow."""
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
    """Match in batches by id: what was decided is not read twice, whether it still waits or not."""
    rows = waiting.filter(raw__isnull=False).order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        decided = storing.look_again(batch)
        came_in = bool(decided[storing.IMPORTED] or decided[storing.UPDATED])
        yield Moved(decided, {row.day for row in batch} if came_in else set(), came_in)
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _move_within_organization(rep_id: UUID, addresses: Iterable[str]) -> Iterator[Moved]:
    """Let calls whose address means another rep of the same organization follow it;
    nothing crosses organizations.
    """
    rep = SalesRep.objects.filter(pk=rep_id, archived_at=None).first()
    if rep is None:
        return
    existing = FathomMeeting.objects.filter(
        recorder__in=list(addresses),
        organization_id=rep.organization_id,
        outcome=Outcome.IMPORTED,
        call__isnull=False,
    ).filter(~Q(call__rep_id=rep_id) | Q(call__rep=None), call__match_locked=False)
    while batch := dict(existing.order_by("call_id").values_list("call_id", "day")[:BATCH]):
        with transaction.atomic():
            library.give_to(rep, batch, by_hand=False)
            FathomMeeting.objects.filter(call_id__in=batch).update(rep_id=rep_id)
            moved = Call.objects.filter(pk__in=batch, rep_id=rep_id).exists()
        yield Moved(Counter(), set(batch.values()))
        if not moved:
            return
