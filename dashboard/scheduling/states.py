"""How far a meeting is, in the words of the schedule."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calls.models import Call
from crm.joining import OPENS_BEFORE
from crm.models import Appointment
from dashboard.states import Look

STATES: Final[dict[str, Look]] = {
    "upcoming": Look("calm", "clock", _("Upcoming")),
    "open": Look("info", "video", _("Open now")),
    "ongoing": Look("good", "circle-dot", _("Ongoing")),
    "over": Look("calm", "check", pgettext_lazy("a meeting", "Over")),
    "cancelled": Look("calm", "ban", pgettext_lazy("a meeting", "Cancelled")),
    "no_show": Look("warn", "circle-alert", _("No-show")),
}


def state(appointment: Appointment, now: datetime) -> str:
    """Ongoing is said of a call with somebody in it, never of a time alone."""
    if appointment.status == Appointment.Status.CANCELLED:
        return "cancelled"
    call: Call | None = getattr(appointment, "call", None)
    if call is not None and call.status == Call.Status.ONGOING:
        return "ongoing"
    if appointment.status == Appointment.Status.NO_SHOW:
        return "no_show"
    if appointment.status == Appointment.Status.COMPLETED or now > appointment.ends_at:
        return "over"
    return "open" if now >= appointment.starts_at - OPENS_BEFORE else "upcoming"
