"""Mails to the lead of a meeting: owed in the transaction of what they tell of,
and written by a worker.

A lead who was asked in hears of a new time and of the end; whoever was never written to hears
nothing. A cancellation waits a moment, so that who takes it back in time has written to nobody. Who
was the lead before hears, once, that the meeting is not theirs any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

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
from crm.models import Appointment, FormerAddress, Lead

Kind = MeetingMail.Kind
Facts = Mapping[str, Any]
TAKEN_BACK_WITHIN: Final = timedelta(seconds=60)
# After these the lead has no entry in the calendar that could move.
LAST_WORDS: Final = (Kind.CANCELLED, Kind.UNINVITED)
NO_ADDRESS = _("The lead has no e-mail address. Add one, or send them a link.")


def mail_lead(appointment: Appointment, *, actor: Any, request: Any = None) -> MeetingMail:
    """Owe the lead of this meeting an invitation with a link and a file for their calendar.

    Asked twice for the same meeting as it is, it is owed once.
    NotOpen is for one that is over or cancelled.
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
    last = _told_that_it_stands(meeting)
    if last is not None:
        _owe(meeting, Kind.CANCELLED, last.email, None, TAKEN_BACK_WITHIN)


def mails_when_cancelled(meeting: Appointment) -> bool:
    """Tell whether its lead would be mailed if it were cancelled now."""
    return _told_that_it_stands(meeting) is not None


def _told_that_it_stands(meeting: Appointment) -> MeetingMail | None:
    """Return the last mail that may have reached its lead, unless that one was a farewell."""
    last = _last_tried(meeting)
    if last is None or last.kind in LAST_WORDS:
        return None
    return last


def _updated(meeting: Appointment, facts: Facts) -> None:
    """See to a meeting that stands again; what else is changed of one is told
    with its next mail.
    """
    _withdraw_from_others(meeting)
    _see_to_leads(meeting, facts.get("lead_before"))
    was_off = facts.get("before") == Appointment.Status.CANCELLED
    if not was_off or meeting.status != Appointment.Status.SCHEDULED:
        return
    withdrawn = GuestInvitation.objects.filter(
        appointment=meeting, revoked_at=facts.get("cancelled_at")
    )
    withdrawn.exclude(revoked_at=None).update(revoked_at=None)
    _untried(meeting).filter(kind=Kind.CANCELLED).delete()
    last = _last_tried(meeting)
    if last is None:
        return
    if last.kind == Kind.CANCELLED or last.state == MeetingMail.State.FAILED:
        _tell_again(meeting, Kind.INVITED)


def _see_to_leads(meeting: Appointment, lead_before: Any) -> None:
    """Owe the lead before a cancellation where they were written to;
    who is the lead again is owed none.
    """
    if lead_before in (None, meeting.lead_id):
        return
    farewells = _untried(meeting).filter(kind=Kind.UNINVITED)
    known = _addresses_of(meeting.lead)
    farewells.filter(
        pk__in=[mail.pk for mail in farewells if addresses.normalize(mail.email) in known]
    ).delete()
    if meeting.status != Appointment.Status.SCHEDULED or meeting.ends_at <= timezone.now():
        return
    last = _last_tried(meeting, Lead.objects.get(pk=lead_before))
    if (
        last is not None
        and last.kind not in LAST_WORDS
        and addresses.normalize(last.email) not in known
    ):
        _owe(meeting, Kind.UNINVITED, last.email, None, TAKEN_BACK_WITHIN)


def _tell_again(meeting: Appointment, kind: str) -> None:
    """Owe another mail to a lead who was written to; one that waits will say how
    things are then.
    """
    # Whoever claims one waits for our end, and reads what we wrote.
    waiting = _untried(meeting).exclude(kind=Kind.UNINVITED)
    if list(waiting.select_for_update().values_list("pk", flat=True)):
        return
    last = _last_tried(meeting)
    if last is not None and last.kind != Kind.UNINVITED:
        _owe(meeting, kind, last.email, None)


def _untried(meeting: Appointment) -> Any:
    return MeetingMail.objects.filter(
        appointment=meeting, state=MeetingMail.State.WAITING, attempts=0
    )


def _last_tried(meeting: Appointment, lead: Lead | None = None) -> MeetingMail | None:
    """Return the last mail that may have arrived at this lead, or else at the meeting's:
    none that others got.
    """
    tried = MeetingMail.objects.filter(appointment=meeting, attempts__gt=0).order_by(
        "-revision", "-created_at"
    )
    known = _addresses_of(lead or meeting.lead)
    return next((mail for mail in tried if addresses.normalize(mail.email) in known), None)


def _withdraw_from_others(meeting: Appointment) -> None:
    """Withdraw the links in mails to whoever was the lead of this meeting before,
    and what still invites them.
    """
    known = _addresses_of(meeting.lead)
    mails = MeetingMail.objects.filter(appointment=meeting)
    others = [mail for mail in mails if addresses.normalize(mail.email) not in known]
    _withdraw([mail.link_id for mail in others if mail.link_id])
    _untried(meeting).filter(pk__in=[mail.pk for mail in others]).exclude(
        kind=Kind.UNINVITED
    ).delete()


def _withdraw(links: Sequence[UUID]) -> None:
    GuestInvitation.objects.filter(pk__in=links, revoked_at=None).update(revoked_at=timezone.now())


def _addresses_of(lead: Lead) -> set[str]:
    """Return the address of a lead, and those of the people with whom they were merged."""
    former = FormerAddress.objects.filter(lead=lead).values_list("email_normalized", flat=True)
    return {lead.email_normalized, *former}


def _owe(
    meeting: Appointment, kind: str, email: str, actor: Any, after: timedelta = timedelta()
) -> tuple[MeetingMail, bool]:
    made = {"email": email, "next_attempt_at": timezone.now() + after, "created_by": None}
    if isinstance(actor, User):
        made["created_by"] = actor
    owed = {"appointment": meeting, "kind": kind, "revision": meeting.revision}
    mail, is_new = MeetingMail.objects.get_or_create(**owed, defaults=made)
    if not is_new and mail.email != email:
        # It went to another address. It is written once more, and the link that it took
        # there is withdrawn.
        if mail.link_id:
            _withdraw([mail.link_id])
        again = {
            **made,
            "state": MeetingMail.State.WAITING,
            "attempts": 0,
            "error": "",
            "sent_at": None,
        }
        MeetingMail.objects.filter(pk=mail.pk).exclude(email=email).update(**again)
        mail.refresh_from_db()
        is_new = True
    if not after:
        jobs.after_commit("calls.send_meeting_mails")
    return mail, is_new
