"""Meetings that a person gives to a rep, whatever matching would say; `undoing` takes that back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls import incoming, library
from core import audit
from core.models import User
from crm import access, services
from crm.models import RepAlias, SalesRep
from fathom_sync.ledger import days
from fathom_sync.meetings import keeping, matching, parsing, storing
from fathom_sync.meetings.parsing import Meeting
from fathom_sync.models import Assignment, FathomMeeting

Outcome = FathomMeeting.Outcome
CLAIMED_BY_TWO = _(
    "Another organization has this address too, so only the administrators say whose "
    "these calls are."
)
NOT_GRANTED = _(
    "Later calls of %(addresses)s come in once the administrators have granted the address."
)
HAS_LEFT = _(
    "%(rep)s has left: no later calls come in for them. Leave “Remember the address” out, or "
    "bring them back."
)
MEANS_ANOTHER = _(
    "%(address)s means %(rep)s already. Leave “Remember the address” out, or give the "
    "calls to them."
)
MEANS_SOMEBODY_WHO_LEFT = _(
    "%(address)s means %(rep)s, who has left. Leave “Remember the address” out, or take the "
    "address off them first."
)


@dataclass(frozen=True, slots=True)
class Assigned:
    """What giving meetings to a rep came to. `assignment`: by what it is taken back;
    None where nothing changed.
    """

    calls: int
    assignment: Assignment | None


def assign(
    meetings: Sequence[FathomMeeting],
    rep: SalesRep,
    *,
    remember: bool,
    actor: Any,
    request: Any = None,
) -> Assigned:
    """Give these to the rep, whatever matching would say, and lock that;
    say how many are in the library now.

    `remember`: their addresses mean the rep from now on, so that the others of the same address
    follow. ValidationError, and nothing is done, where an address cannot be remembered, or two
    organizations have it.
    """
    _refuse_claimed(meetings, actor)
    with transaction.atomic():
        # As all lock it that change addresses: before calls and reps.
        services.lock_addresses(rep.organization_id)
        addresses = sorted({meeting.recorder for meeting in meetings if meeting.recorder})
        if remember:
            _refuse_to_remember(rep, addresses)
        before = keeping.look(meetings, rep)
        given = _give(meetings, rep)
        learned: list[str] = []
        if remember:
            learned = _remember(
                rep,
                sorted({meeting.recorder for meeting in given} & set(addresses)),
                actor,
                request,
            )
        assignment = keeping.keep(before, given, rep, learned, actor)
        audit.record(
            "meeting.assigned",
            actor=actor,
            target=rep,
            request=request,
            organization_id=rep.organization_id,
            meetings=len(given),
            remember=remember,
        )
    return Assigned(len(given), assignment)


def remembered_in_vain(rep: SalesRep, meetings: Sequence[FathomMeeting]) -> list[str]:
    """Return those of these meetings' addresses that are the rep's, and bring no calls until
    staff grant them.
    """
    recorders = {meeting.recorder for meeting in meetings}
    waiting = RepAlias.objects.filter(rep=rep, is_waiting=True, normalized__in=recorders)
    return list(waiting.order_by("normalized").values_list("normalized", flat=True))


def _refuse_claimed(meetings: Sequence[FathomMeeting], actor: Any) -> None:
    """Refuse what two organizations have the address of:
    the house alone gives it to one of them.
    """
    if not isinstance(actor, User) or access.is_internal(actor):
        return
    if any(meeting.reason == matching.AMBIGUOUS for meeting in meetings):
        raise ValidationError({"ids": ValidationError(CLAIMED_BY_TWO, code="claimed")})


def _refuse_to_remember(rep: SalesRep, addresses: Sequence[str]) -> None:
    """Refuse in the words of who gives meetings away, not of who edits a rep."""
    if rep.archived_at is not None:
        raise ValidationError(
            {"remember": ValidationError(HAS_LEFT, code="archived", params={"rep": rep.name})}
        )
    others = RepAlias.objects.filter(
        organization_id=rep.organization_id, normalized__in=addresses
    ).exclude(rep=rep)
    taken = others.select_related("rep").order_by("normalized").first()
    if taken is not None:
        words = MEANS_SOMEBODY_WHO_LEFT
        if taken.rep.archived_at is None:
            words = MEANS_ANOTHER
        named = {"address": taken.address, "rep": taken.rep.name}
        raise ValidationError({"remember": ValidationError(words, code="taken", params=named)})


def _remember(rep: SalesRep, addresses: Sequence[str], actor: Any, request: Any) -> list[str]:
    """Let these addresses mean the rep; return those that did not before."""
    known = set(
        RepAlias.objects.filter(rep=rep, normalized__in=addresses).values_list(
            "normalized", flat=True
        )
    )
    try:
        for address in addresses:
            services.add_alias(rep=rep, address=address, actor=actor, request=request)
    except ValidationError as error:
        raise ValidationError({"remember": error.messages}) from error
    return [address for address in addresses if address not in known]


def _give(meetings: Sequence[FathomMeeting], rep: SalesRep) -> list[FathomMeeting]:
    """Give what can be given, and return it: of the others nothing was kept
    that could become a call.

    Locks as storing takes them: all the calls, the rep, then the meetings.
    """
    calls = {meeting.pk: meeting.call_id for meeting in meetings if meeting.call_id}
    to_read = [
        meeting for meeting in meetings if meeting.pk not in calls and meeting.raw is not None
    ]
    read = {meeting.pk: parsing.read(storing.kept(meeting)) for meeting in to_read}
    whole = [meeting for meeting in meetings if meeting.pk in read and not read[meeting.pk].problem]
    data = [
        parsing.call(read[meeting.pk], rep.organization_id, rep.pk, meeting.as_of)
        for meeting in whole
    ]
    rows = [incoming.read(call) for call in data]
    calls |= {
        meeting.pk: stored.call_id
        for meeting, stored in zip(whole, library.store_rows(rows), strict=True)
    }
    library.give_to(rep, calls.values(), by_hand=True)
    given = [meeting for meeting in meetings if meeting.pk in calls]
    # The organization may have one of them already, from an account of its own: one row stays.
    # And what two had the address of is no longer the other's.
    alike = FathomMeeting.objects.filter(
        recording_id__in=[meeting.recording_id for meeting in given]
    )
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
