"""Meetings that wait because they are nobody's: looked at again when addresses change, or given to a rep by hand.

Nothing here asks Fathom for anything: what it said is kept with each meeting that waits.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from calls import incoming, library
from calls.models import Call
from core import audit, jobs
from crm import services
from crm.models import RepAlias, SalesRep
from fathom_sync import parsing, storing
from fathom_sync.models import FathomMeeting
from fathom_sync.storing import Tally

TASK: Final = "fathom_sync.look_again"
BATCH: Final = 100
Outcome = FathomMeeting.Outcome


def on_rep_changed(*, rep_id: UUID, **_facts: Any) -> None:
    """A rep was added, archived or restored, or has other addresses: told by crm after its commit."""
    jobs.after_commit(TASK, str(rep_id))


def look_again(rep_id: UUID) -> Tally:
    """What waits under this rep's addresses, or with their name on it, moves to where it belongs now."""
    storing.pass_barrier()
    addresses = list(RepAlias.objects.filter(rep_id=rep_id).values_list("normalized", flat=True))
    waiting = FathomMeeting.objects.filter(Q(recorder__in=addresses) | Q(rep_id=rep_id), outcome=Outcome.SKIPPED)
    tally = _match_again(waiting)
    _move_within_organization(rep_id, addresses)
    return tally


def sweep() -> Tally:
    """The same for every meeting that waits although its address means somebody who is here: for messages lost."""
    storing.pass_barrier()
    here = RepAlias.objects.filter(normalized=OuterRef("recorder"), rep__archived_at=None)
    waiting = FathomMeeting.objects.filter(Exists(here), outcome=Outcome.SKIPPED)
    return _match_again(waiting.filter(reason__in=("no_rep", "rep_archived")))


def assign(meetings: Sequence[FathomMeeting], rep: SalesRep, *, remember: bool, actor: Any, request: Any = None) -> int:
    """Give these to the rep, whatever matching would say, and lock that; how many are in the library now.

    `remember`: their addresses mean the rep from now on, so that the others of the same address follow.
    ValidationError, and nothing is done, where an address means another rep of the organization.
    """
    with transaction.atomic():
        given = [meeting for meeting in meetings if _give(meeting, rep)]
        for address in sorted({meeting.recorder for meeting in given if meeting.recorder}) if remember else ():
            services.add_alias(rep=rep, address=address)
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


def _give(meeting: FathomMeeting, rep: SalesRep) -> bool:
    """One meeting into the library, as this rep's; False when nothing was kept of it that could become a call."""
    call_id = meeting.call_id
    if call_id is None:
        read = parsing.read(storing.kept(meeting)) if meeting.raw is not None else None
        if read is None or read.problem:
            return False
        said = parsing.call(read, rep.organization_id, rep.pk, meeting.as_of)
        [stored] = library.store_rows([incoming.read(said)])
        call_id = stored.call_id
    library.give_to(rep, [call_id], by_hand=True)
    FathomMeeting.objects.filter(pk=meeting.pk).update(
        outcome=Outcome.IMPORTED,
        reason="",
        call_id=call_id,
        rep_id=rep.pk,
        organization_id=rep.organization_id,
        raw=None,
    )
    return True


def _match_again(waiting: QuerySet[FathomMeeting]) -> Tally:
    """In batches by id: what was decided is not read twice, whether it still waits or not."""
    tally: Tally = Counter()
    rows = waiting.filter(raw__isnull=False).order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        tally += storing.look_again(batch)
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])
    if tally[storing.IMPORTED] or tally[storing.UPDATED]:
        jobs.after_commit("calls.index_waiting")
    return tally


def _move_within_organization(rep_id: UUID, addresses: Iterable[str]) -> None:
    """Calls whose address means another rep of the same organization now follow it; nothing crosses organizations."""
    rep = SalesRep.objects.filter(pk=rep_id, archived_at=None).first()
    if rep is None:
        return
    held = FathomMeeting.objects.filter(
        recorder__in=list(addresses), organization_id=rep.organization_id, outcome=Outcome.IMPORTED, call__isnull=False
    ).filter(~Q(call__rep_id=rep_id) | Q(call__rep=None), call__match_locked=False)
    while batch := list(held.order_by("call_id").values_list("call_id", flat=True)[:BATCH]):
        with transaction.atomic():
            library.give_to(rep, batch, by_hand=False)
            FathomMeeting.objects.filter(call_id__in=batch).update(rep_id=rep_id)
            if not Call.objects.filter(pk__in=batch, rep_id=rep_id).exists():
                return
