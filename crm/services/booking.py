"""Booking as a person does it: with a lead that is there or a new one, within what they see."""

from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import locks
from core.models import User
from crm import access, finders
from crm.models import Appointment, Lead, Organization
from crm.refusals import writing
from crm.services.appointments import book_appointment, update_appointment
from crm.services.changes import By
from crm.services.prospects import create_lead

OUT_OF_SIGHT = _(
    "You could not see this meeting then. Choose a lead or a closer of a team of yours."
)


def book(
    organization: Organization,
    lead: Lead | dict[str, Any],
    values: dict[str, Any],
    *,
    pk: UUID,
    by: By,
) -> Appointment:
    """Book a meeting with a lead, or with a new one of these values; all of it or nothing.

    Asked again with the same `pk`, it is the meeting that was booked the first time.
    """
    with writing():
        # Of a form that was sent twice the second waits for the first, and finds what it booked.
        locks.hold("crm.booking", pk)
        booked = access.appointments_for(by.actor).filter(pk=pk).first()
        if booked is not None:
            return booked
        if Appointment.objects.filter(pk=pk).exists():
            pk = uuid4()
        if isinstance(lead, dict):
            lead = create_lead(
                organization=organization, **finders.defaults(by.actor, organization), **lead
            )
        made = book_appointment(organization=organization, lead=lead, pk=pk, by=by, **values)
        _keep_in_sight(by.actor, made)
    return made


def change(appointment: Appointment, values: dict[str, Any], *, by: By) -> Appointment:
    """Change a meeting that still stands; its people and its time stay in the sight
    of who changes it.
    """
    with writing():
        standing = Appointment.Status.SCHEDULED
        changed = update_appointment(appointment=appointment, expected=standing, by=by, **values)
        _keep_in_sight(by.actor, changed)
    return changed


def _keep_in_sight(user: User, appointment: Appointment) -> None:
    if not access.appointments_for(user).filter(pk=appointment.pk).exists():
        raise ValidationError({"closer": ValidationError(OUT_OF_SIGHT, code="invalid")})
