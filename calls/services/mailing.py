"""Mails to the lead of a meeting: owed in the transaction of what they tell of, and written by a worker.

A lead who was asked in hears of a new time and of the end; whoever was never written to hears nothing. A cancellation
waits a moment, so that who takes it back in time has written to nobody.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import GuestInvitation, MeetingMail
from calls.services.entering import as_it_stands, refuse_late
from core import audit
from core.models import User
from core.queue import jobs
from crm import addresses
from crm.models import Appointment

Kind = MeetingMail.Kind
Facts = Mapping[str, Any]
TAKEN_BACK_WITHIN: Final = timedelta(seconds=60)
NO_ADDRESS = _("The lead has no e-mail address. Add one, or send them a link.")


def mail_lead(appointment: Appointment, *, actor: Any, request: Any = None) -> MeetingMail:
    """Owe the lead of this meeting an invitation with a link and a file for their calendar.

    Asked twice for the same meeting as it is, it is owed once. NotOpen is for one that is over or cancelled.
    """
    with transaction.atomic():
        meeting = as_it_stands(appointment.pk)
        refuse_late(meeting)
        email = meeting.lead.email
        if not email:
            raise ValidationError({"mail_lead": ValidationError(NO_ADDRESS, code="required")})
        addresses.check_mailable(email)
        mail, is_new = _owe(meeting, Kind.INVITED, email, actor)
        if is_new:
            audit.record(
                "guest.mailed",
                actor=actor,
                request=request,
                organization_id=meeting.organization_id,
                appointment=meeting.pk,
            )
    return mail


def hear(*, name: str, rows: Iterable[Model], facts: Facts, **_signal: Any) -> None:
    """Let links and mails follow what was done with meetings, in its transaction."""
    what = {
        "appointment.moved": _moved,
        "appointment.cancelled": _cancelled,
        "appointment.updated": _updated,
    }.get(name)
    if what is None:
        return
    for row in rows:
        if isinstance(row, Appointment):
            what(row, facts)


def _moved(meeting: Appointment, _facts: Facts) -> None:
    if meeting.status == Appointment.Status.SCHEDULED:
        _tell_again(meeting, Kind.MOVED)


def _cancelled(meeting: Appointment, _facts: Facts) -> None:
    """Withdraw its links, by the moment that a return of the meeting finds them by."""
    links = GuestInvitation.objects.filter(appointment=meeting, revoked_at=None)
    links.update(revoked_at=meeting.cancelled_at)
    last = _last_tried(meeting)
    if last is not None and last.kind != Kind.CANCELLED:
        _owe(meeting, Kind.CANCELLED, last.email, None, TAKEN_BACK_WITHIN)


def _updated(meeting: Appointment, facts: Facts) -> None:
    """See to a meeting that stands again; what else is changed of one is told with its next mail."""
    was_off = facts.get("before") == Appointment.Status.CANCELLED
    if not was_off or meeting.status != Appointment.Status.SCHEDULED:
        return
    withdrawn = GuestInvitation.objects.filter(appointment=meeting, revoked_at=facts.get("cancelled_at"))
    withdrawn.exclude(revoked_at=None).update(revoked_at=None)
    _untried(meeting).filter(kind=Kind.CANCELLED).delete()
    last = _last_tried(meeting)
    if last is None or (last.kind != Kind.CANCELLED and last.state != MeetingMail.State.FAILED):
        return
    _tell_again(meeting, Kind.INVITED)


def _tell_again(meeting: Appointment, kind: str) -> None:
    """Owe another mail to a lead who was written to; one that waits will say how things are then."""
    # Whoever claims one waits for our end, and reads what we wrote.
    if list(_untried(meeting).select_for_update().values_list("pk", flat=True)):
        return
    last = _last_tried(meeting)
    if last is not None:
        _owe(meeting, kind, last.email, None)


def _untried(meeting: Appointment) -> Any:
    return MeetingMail.objects.filter(appointment=meeting, state=MeetingMail.State.WAITING, attempts=0)


def _last_tried(meeting: Appointment) -> MeetingMail | None:
    """Return the last mail that may have arrived."""
    tried = MeetingMail.objects.filter(appointment=meeting, attempts__gt=0)
    return tried.order_by("-revision", "-created_at").first()


def _owe(
    meeting: Appointment, kind: str, email: str, actor: Any, after: timedelta = timedelta()
) -> tuple[MeetingMail, bool]:
    made = {"email": email, "next_attempt_at": timezone.now() + after, "created_by": None}
    if isinstance(actor, User):
        made["created_by"] = actor
    owed = MeetingMail.objects.get_or_create(appointment=meeting, kind=kind, revision=meeting.revision, defaults=made)
    if not after:
        jobs.after_commit("calls.send_meeting_mails")
    return owed
