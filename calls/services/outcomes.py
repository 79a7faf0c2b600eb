"""What came of a call, and whom it was with: said by a person,
and kept whatever a source says later.

Both are one conditional update over what the person saw.
Of two who set it at once the second is told.
"""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from core import audit
from core.errors import Conflicting
from core.models import User
from crm import services as crm
from crm.models import Appointment, Lead
from crm.refusals import NOT_THERE
from crm.services import By, changes

WON: Final = "won"
LOST: Final = "lost"
FOLLOW_UP: Final = "follow-up"
NO_DECISION: Final = "no-decision"
NO_SHOW: Final = "no-show"
OUTCOMES: Final = (WON, LOST, FOLLOW_UP, NO_DECISION, NO_SHOW)


class SetMeanwhile(Conflicting):
    """Somebody else set it after this person had looked."""

    conflict = "set_meanwhile"


class LeadOfMeeting(Conflicting):
    """A call in our own rooms is with the lead of its meeting."""

    conflict = "lead_of_meeting"


def set_outcome(call: Call, outcome: str, *, was: str, actor: User, request: Any = None) -> Call:
    """Say what came of a call; '' takes it back. `was` is what the person saw.

    Raise SetMeanwhile where it is something else by now.
    """
    if outcome and outcome not in OUTCOMES:
        raise ValidationError(
            {"outcome": ValidationError(_("There is no such outcome."), code="invalid")}
        )
    if outcome == was == call.outcome:
        return call
    now = timezone.now()
    with transaction.atomic():
        # No outcome has a NUL in it, and the database would not even look.
        theirs = Call.objects.filter(pk=call.pk, outcome=was.replace("\x00", ""))
        if not theirs.update(outcome=outcome, outcome_set_at=now, updated_at=now):
            raise SetMeanwhile(_("Somebody else set the outcome meanwhile."), code="conflict")
        call.outcome, call.outcome_set_at = outcome, now
        _bring_meeting_in_line(call, was, By(actor, request))
        audit.record(
            "call.outcome_set",
            actor=actor,
            target=call,
            request=request,
            organization_id=call.organization_id,
            before=was,
            outcome=outcome,
        )
    return call


def set_lead(call: Call, lead: Lead | None, *, was: Any, actor: User, request: Any = None) -> Call:
    """Say whom a call was with; None: nobody known. `was` is the id of the lead that the
    person saw, or None.

    That the person sees the lead is for the caller to know.
    """
    if call.source == Call.Source.NATIVE:
        raise LeadOfMeeting(
            _("This call is with the lead of its meeting. Change the meeting instead."),
            code="conflict",
        )
    if lead is not None and lead.organization_id != call.organization_id:
        raise ValidationError({"lead": ValidationError(NOT_THERE, code="invalid")})
    now = timezone.now()
    with transaction.atomic():
        if not Call.objects.filter(pk=call.pk, lead_id=was).update(
            lead=lead, lead_set_at=now, updated_at=now
        ):
            raise SetMeanwhile(_("Somebody else set the lead meanwhile."), code="conflict")
        call.lead, call.lead_set_at = lead, now
        audit.record(
            "call.lead_set",
            actor=actor,
            target=call,
            request=request,
            organization_id=call.organization_id,
            before=was,
            lead=lead and lead.pk,
        )
    return call


def _bring_meeting_in_line(call: Call, was: str, by: By) -> None:
    """Let the meeting of a call say whether somebody came, as the call's outcome does.
    What was cancelled stays so.

    Its history tells of both.
    """
    if call.appointment_id is None:
        return
    appointment = Appointment.objects.get(pk=call.appointment_id)
    status = _status_by(call, appointment)
    if appointment.status not in (status, Appointment.Status.CANCELLED):
        crm.update_appointment(appointment=appointment, status=status, by=by)
    changes.record_outcome(appointment, before=was, outcome=call.outcome, by=by)


def _status_by(call: Call, appointment: Appointment) -> str:
    """Return what the meeting is by its call's outcome; where that was taken back,
    it is no no-show any more.
    """
    if call.outcome == NO_SHOW:
        return Appointment.Status.NO_SHOW
    if call.outcome or call.started_at:
        return Appointment.Status.COMPLETED
    if appointment.status == Appointment.Status.NO_SHOW:
        return Appointment.Status.SCHEDULED
    return appointment.status
