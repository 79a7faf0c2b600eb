"""How far a meeting is: what the schedule shows of it beside what its status says."""

from datetime import datetime
from typing import Final

from django.db.models import Q

from calls.models import Call
from crm.joining import OPENS_BEFORE
from crm.models import Appointment

# Whoever was in the call is known to have come; whoever did not is known from the meeting.
CAME: Final = Q(status=Appointment.Status.COMPLETED) | Q(call__started_at__isnull=False)
STAYED_AWAY: Final = Q(status=Appointment.Status.NO_SHOW)
CANCELLED: Final = Q(status=Appointment.Status.CANCELLED)


def ahead(now: datetime) -> Q:
    """Find the meetings that are still to come: nobody is in them yet."""
    return Q(starts_at__gt=now, call__started_at=None)


def state(appointment: Appointment, now: datetime) -> str:
    """Return its name in `core.words.states`. Ongoing is said of a call with somebody in it,
    never of a time alone.
    """
    if appointment.status == Appointment.Status.CANCELLED:
        return "meeting.cancelled"
    call: Call | None = getattr(appointment, "call", None)
    if call is not None and call.status == Call.Status.ONGOING:
        return "meeting.ongoing"
    if appointment.status != Appointment.Status.SCHEDULED:
        return f"meeting.{appointment.status}"
    if now > appointment.ends_at:
        return "meeting.over"
    if now >= appointment.starts_at - OPENS_BEFORE:
        return "meeting.open"
    return "meeting.scheduled"
