"""Takes an assignment back: what it brought waits again, as it did before,
unless somebody has changed it since.

What came of it is taken away only where nothing else hangs on it: a call stays that Fathom has said
something new of, that has an outcome or a lead, that was given to somebody else, or that anything
but its own parts refers to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ForeignObjectRel
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from calls import library
from calls.action_items import UNTOUCHED
from calls.models import Call, CallAction, CallParticipant, CallSearch, Transcript, UnlearnedCall
from core import audit
from core.models import User
from crm import access, services
from crm.models import SalesRep
from fathom_sync import access as fathom
from fathom_sync.ledger import days
from fathom_sync.meetings import keeping, matching
from fathom_sync.meetings.keeping import Kind
from fathom_sync.models import AssignedMeeting, Assignment, FathomMeeting

UNDONE_ALREADY: Final = _("This cannot be undone any more.")
# What is made of a call when it comes in, and goes with it.
PARTS: Final = (Transcript, CallSearch, CallParticipant, UnlearnedCall, FathomMeeting)
Outcome = FathomMeeting.Outcome


@dataclass(frozen=True, slots=True)
class Undone:
    """How many meetings wait again, or are whose they were;
    and how many stay, as they were changed since.
    """

    restored: int
    kept: int

    @property
    def message(self) -> str:
        words = ngettext(
            "%(count)d call waits again.", "%(count)d calls wait again.", self.restored
        )
        message = words % {"count": self.restored}
        if self.kept:
            stays = ngettext(
                "%(count)d stays, as it was changed since.",
                "%(count)d stay, as they were changed since.",
                self.kept,
            )
            message = f"{message} {stays % {'count': self.kept}}"
        return message


def may_undo(user: User, assignment: Assignment) -> bool:
    """Tell whether this person takes it back: whoever may give as much as it gave."""
    rep = assignment.rep
    if assignment.remembered and not fathom.may_remember(user, rep):
        return False
    is_of_two = assignment.meetings.filter(before__reason=matching.AMBIGUOUS).exists()
    if is_of_two and not access.is_internal(user):
        return False
    return fathom.may_assign(user, rep)


def undo(assignment: Assignment, *, actor: Any, request: Any = None) -> Undone:
    """Take it back. ValidationError where somebody has done so, or too much time has gone by."""
    with transaction.atomic():
        services.lock_addresses(assignment.organization_id)
        user = actor if isinstance(actor, User) else None
        won = (
            keeping.may_be_undone()
            .filter(pk=assignment.pk)
            .update(undone_at=timezone.now(), undone_by=user)
        )
        if not won:
            raise ValidationError(UNDONE_ALREADY, code="undone")
        undone = _Undoing(assignment).work()
        rep = assignment.rep
        for address in assignment.remembered:
            services.remove_alias(rep=rep, address=address, actor=actor, request=request)
        assignment.meetings.all().delete()
        audit.record(
            "meeting.unassigned",
            actor=actor,
            target=rep,
            request=request,
            organization_id=assignment.organization_id,
            meetings=undone.restored,
            kept=undone.kept,
        )
    return undone


class _Undoing:
    """One assignment, with all that it may touch locked in the order of storing:
    calls, reps, meetings.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.rows = list(assignment.meetings.all())
        known = FathomMeeting.objects.filter(pk__in=[row.meeting_id for row in self.rows])
        wanted = [call_id for call_id in known.values_list("call_id", flat=True) if call_id]
        self.calls = {
            call.pk: call
            for call in Call.objects.filter(pk__in=wanted).order_by("pk").select_for_update()
        }
        reps = {assignment.rep_id, *(row.rep_before_id for row in self.rows if row.rep_before_id)}
        self.reps = list(
            SalesRep.objects.filter(pk__in=reps).order_by("pk").select_for_update(no_key=True)
        )
        locked = known.order_by("recording_id", "organization_id").select_for_update()
        self.meetings = {meeting.pk: meeting for meeting in locked.defer("raw")}
        self.referred = _referred_to(self.calls)

    def work(self) -> Undone:
        given = [row for row in self.rows if row.kind == Kind.GIVEN]
        following = [row for row in self.rows if row.kind == Kind.FOLLOWING and self._came_in(row)]
        back = [row for row in [*given, *following] if self._is_as_it_was_left(row)]
        for row in back:
            self._restore(row)
        made = [
            call_id
            for row in back
            if not row.was_call and (call_id := self.meetings[row.meeting_id].call_id)
        ]
        Call.objects.filter(pk__in=made).delete()
        names = {row.before["recording_id"] for row in back}
        self._bring_back(
            row
            for row in self.rows
            if row.kind == Kind.REPLACED and row.before["recording_id"] in names
        )
        for rep in self.reps:
            library.refresh_rep(rep.pk)
        days.recount({self.meetings[row.meeting_id].day for row in back})
        return Undone(len(back), len(given) + len(following) - len(back))

    def _came_in(self, row: AssignedMeeting) -> bool:
        meeting = self.meetings.get(row.meeting_id)
        return meeting is not None and meeting.outcome == Outcome.IMPORTED

    def _is_as_it_was_left(self, row: AssignedMeeting) -> bool:
        meeting = self.meetings.get(row.meeting_id)
        if meeting is None or meeting.call_id is None:
            return False
        call = self.calls.get(meeting.call_id)
        if call is None or call.rep_id != self.assignment.rep_id:
            return False
        was_given = row.kind == Kind.GIVEN
        if call.match_locked != was_given:
            return False
        if row.was_call:
            return True
        # It was made and given in one transaction, which has one time.
        is_changed = call.updated_at != call.created_at or call.outcome or call.lead_id
        if is_changed or call.pk in self.referred:
            return False
        return not self._is_taken(row)

    def _is_taken(self, row: AssignedMeeting) -> bool:
        """Tell whether another row stands by now where this one would go back to."""
        place = {
            "recording_id": row.before["recording_id"],
            "organization_id": row.before["organization_id"],
        }
        return FathomMeeting.objects.filter(**place).exclude(pk=row.meeting_id).exists()

    def _restore(self, row: AssignedMeeting) -> None:
        meeting = self.meetings[row.meeting_id]
        before = _columns(row)
        if row.was_call:
            Call.objects.filter(pk__in=[meeting.call_id]).update(
                rep_id=row.rep_before_id, match_locked=row.was_locked, updated_at=timezone.now()
            )
            before["call_id"] = before["call_id"] or meeting.call_id
        # Which accounts list it, and since when it is known, is what it is by now.
        stays = {"id", "accounts", "first_seen", "healed_at", "as_of"}
        changes = {name: value for name, value in before.items() if name not in stays}
        FathomMeeting.objects.filter(pk=meeting.pk).update(**changes)

    def _bring_back(self, rows: Iterable[AssignedMeeting]) -> None:
        made = [FathomMeeting(**_columns(row)) for row in rows]
        FathomMeeting.objects.bulk_create(made, ignore_conflicts=True)


def _columns(row: AssignedMeeting) -> dict[str, Any]:
    """Return the meeting's columns as they were."""
    fields = {field.attname: field for field in FathomMeeting._meta.concrete_fields}
    columns = {
        name: fields[name].to_python(value) for name, value in row.before.items() if name in fields
    }
    return {**columns, "raw": row.raw, "raw_hash": row.raw_hash}


def _referred_to(calls: dict[UUID, Call]) -> set[UUID]:
    """Return the calls that something refers to which did not come in with them."""
    found: set[UUID] = set()
    for relation in Call._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.related_model in PARTS:
            continue
        field = relation.field
        rows = field.model._base_manager.filter(**{f"{field.name}__in": list(calls)})
        if field.model is CallAction:
            # Those that came in with the call, and that nobody has touched, are parts of it too.
            rows = rows.exclude(UNTOUCHED, from_source=True)
        found |= set(rows.values_list(field.attname, flat=True))
    return found
