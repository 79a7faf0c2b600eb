"""When a meeting's door is open: a quarter of an hour before it starts until an hour after it should have ended."""

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
    """Whether whoever may join could do so now."""
    if appointment.status == Appointment.Status.CANCELLED:
        return False
    return appointment.starts_at - OPENS_BEFORE <= now <= appointment.ends_at + CLOSES_AFTER


def is_over(appointment: Appointment, now: datetime) -> bool:
    """Whether the door is shut for good, as far as is known today: a meeting may still be moved."""
    return appointment.status == Appointment.Status.CANCELLED or now > appointment.ends_at + CLOSES_AFTER


def can_join(user: Viewer, appointment: Appointment, now: datetime) -> bool:
    """Whether this person may join now: by a role that sees the meeting. Staff look on, they do not take part."""
    return bool(joinable(user, [appointment], now))


def joinable(user: Viewer, appointments: Iterable[Appointment], now: datetime) -> set[UUID]:
    """Of these, which this person may join now; at most one look into the roles, however many they are."""
    open_now = [appointment.pk for appointment in appointments if is_open(appointment, now)]
    if not open_now:
        return set()
    return set(access.by_role(Appointment, user).filter(pk__in=open_now).values_list("pk", flat=True))
