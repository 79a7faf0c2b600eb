"""What happens in the CRM that calls go along with."""

from typing import Any
from uuid import UUID

from calls import recordings, services
from calls.models import Call
from core.queue import jobs
from crm.models import Lead
from crm.services.moving import Moving


def appointment_changed(*, appointment_id: UUID, **_more: Any) -> None:
    """Let calls follow a meeting that was moved, or whose people changed."""
    services.follow_appointment(appointment_id)


def people_merged(*, moving: Moving, **_more: Any) -> None:
    """Let calls follow a lead who was merged with another, or taken apart again."""
    if moving.kind is Lead:
        moving.follow(Call)


def settings_changed(*, organization_id: UUID, **_more: Any) -> None:
    """Record calls from now on, or not any more, as the organization chose."""
    recordings.settings_changed(organization_id)


def organization_removed(**_more: Any) -> None:
    """Delete the objects of the recordings that went with an organization: now, and else by the
    timetable.
    """
    jobs.send("calls.delete_removed_recordings")
