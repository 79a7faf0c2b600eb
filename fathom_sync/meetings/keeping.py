"""What meetings were before a person gave them to a rep:
kept for some days, so that it can be taken back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from calls.models import Call
from core.models import User
from crm.models import SalesRep
from fathom_sync.meetings import matching
from fathom_sync.models import AssignedMeeting, Assignment, FathomMeeting

KEPT_FOR: Final = timedelta(days=7)
# Of an address that is remembered so many are taken back with it.
MOST_FOLLOWING: Final = 2000
_BYTES: Final = ("raw", "raw_hash")
COLUMNS: Final = tuple(
    field.attname for field in FathomMeeting._meta.concrete_fields if field.name not in _BYTES
)
Kind = AssignedMeeting.Kind


@dataclass(frozen=True, slots=True)
class Before:
    """The meetings and all their other rows, and the calls that there were."""

    rows: list[AssignedMeeting]
    calls: Mapping[UUID, tuple[UUID | None, bool]]
    by_name: dict[str, UUID]


def look(meetings: Sequence[FathomMeeting], rep: SalesRep) -> Before:
    """Return what giving these to the rep may change, as it is."""
    chosen = {meeting.pk for meeting in meetings}
    names = {meeting.recording_id for meeting in meetings}
    rows = [_row(meeting, Kind.GIVEN) for meeting in meetings]
    alike = FathomMeeting.objects.filter(recording_id__in=names).exclude(pk__in=chosen)
    rows += [_row(meeting, Kind.REPLACED) for meeting in alike]
    known = Q(source=Call.Source.FATHOM, organization_id=rep.organization_id, external_id__in=names)
    known |= Q(pk__in=[meeting.call_id for meeting in meetings if meeting.call_id])
    found = Call.objects.filter(known).values_list("pk", "external_id", "rep_id", "match_locked")
    calls = {pk: (rep_id, is_locked) for pk, _name, rep_id, is_locked in found}
    return Before(rows, calls, {name: pk for pk, name, _rep_id, _is_locked in found})


def keep(
    before: Before,
    given: Collection[FathomMeeting],
    rep: SalesRep,
    remembered: Sequence[str],
    actor: Any,
) -> Assignment | None:
    """Keep what was changed; None where nothing was."""
    taken = {meeting.pk: meeting for meeting in given}
    rows = [row for row in before.rows if row.kind == Kind.GIVEN and row.meeting_id in taken]
    rows = [row for row in rows if _is_news(row, taken[row.meeting_id], before, rep)]
    if not rows and not remembered:
        return None
    stay = set(
        FathomMeeting.objects.filter(pk__in=[row.meeting_id for row in before.rows]).values_list(
            "pk", flat=True
        )
    )
    rows += [row for row in before.rows if row.kind == Kind.REPLACED and row.meeting_id not in stay]
    rows += [_row(meeting, Kind.FOLLOWING) for meeting in _following(remembered, rep)]
    assignment = Assignment.objects.create(
        organization_id=rep.organization_id,
        rep=rep,
        made_by=actor if isinstance(actor, User) else None,
        calls=sum(row.kind == Kind.GIVEN for row in rows),
        remembered=list(remembered),
    )
    for row in rows:
        row.assignment = assignment
    AssignedMeeting.objects.bulk_create(rows)
    return assignment


def may_be_undone() -> QuerySet[Assignment]:
    """Return the assignments of the last days that nobody has taken back."""
    return Assignment.objects.filter(undone_at=None, made_at__gt=timezone.now() - KEPT_FOR)


def forget() -> int:
    """Drop what can be taken back no more, and tell how many assignments that were."""
    return Assignment.objects.filter(made_at__lte=timezone.now() - KEPT_FOR).delete()[0]


def _row(meeting: FathomMeeting, kind: Kind) -> AssignedMeeting:
    return AssignedMeeting(
        kind=kind,
        meeting_id=meeting.pk,
        before={name: _plain(getattr(meeting, name)) for name in COLUMNS},
        raw_hash=meeting.raw_hash,
        raw=meeting.raw,
    )


def _is_news(row: AssignedMeeting, meeting: FathomMeeting, before: Before, rep: SalesRep) -> bool:
    """Note whose call it was, and tell whether it is another one's now."""
    call_id = meeting.call_id or before.by_name.get(meeting.recording_id)
    if call_id is None or call_id not in before.calls:
        return True
    row.was_call = True
    row.rep_before_id, row.was_locked = before.calls[call_id]
    return meeting.call_id is None or before.calls[call_id] != (rep.pk, True)


def _following(remembered: Sequence[str], rep: SalesRep) -> list[FathomMeeting]:
    """Return those that wait under these addresses, and come in by themselves now."""
    if not remembered:
        return []
    waiting = FathomMeeting.objects.filter(
        Q(organization=None) | Q(organization_id=rep.organization_id),
        recorder__in=remembered,
        outcome=FathomMeeting.Outcome.SKIPPED,
        reason=matching.NO_REP,
        raw__isnull=False,
    )
    return list(waiting.order_by("-day", "-pk")[:MOST_FOLLOWING])


def _plain(value: Any) -> Any:
    """Return a column's value as JSON has it, to the microsecond."""
    if isinstance(value, date):
        return value.isoformat()
    return value
