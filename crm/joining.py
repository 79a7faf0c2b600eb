"""When a meeting's door is open: for those who work here until an hour after it should have ended,
however early they are; for guests from a quarter of an hour before it starts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from crm import access
from crm.access import Viewer
from crm.models import Appointment

OPENS_BEFORE: Final = timedelta(minutes=15)
CLOSES_AFTER: Final = timedelta(minutes=60)


def is_open(appointment: Appointment, now: datetime) -> bool:
    """Tell whether guests may come in now."""
    if appointment.status == Appointment.Status.CANCELLED:
        return False
    return appointment.starts_at - OPENS_BEFORE <= now <= appointment.ends_at + CLOSES_AFTER


def is_over(appointment: Appointment, now: datetime) -> bool:
    """Tell whether the door is shut for good, as far as is known today: a meeting may still be
    moved.
    """
    return (
        appointment.status == Appointment.Status.CANCELLED
        or now > appointment.ends_at + CLOSES_AFTER
    )


def joinable(user: Viewer, seen: Iterable[Appointment], now: datetime) -> set[UUID]:
    """Return those of these meetings, which the person sees, that they may join now.

    Whoever sees a meeting by their role takes part in it;
    staff look on, unless they have a role as well.
    """
    standing = {appointment.pk for appointment in seen if not is_over(appointment, now)}
    if not standing or not access.sees_everything(user):
        return standing
    return set(
        access.by_role(Appointment, user).filter(pk__in=standing).values_list("pk", flat=True)
    )
