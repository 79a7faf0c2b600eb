"""How far a meeting is: what the schedule shows of it beside what its status says."""

from datetime import datetime

from calls.models import Call
from crm.joining import OPENS_BEFORE
from crm.models import Appointment


def state(appointment: Appointment, now: datetime) -> str:
    """Return its name in `core.words.states`. Ongoing is said of a call with somebody in it, never of a time alone."""
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
