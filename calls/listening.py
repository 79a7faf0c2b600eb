"""What happens in the CRM that calls go along with."""

from typing import Any
from uuid import UUID

from calls import recordings, services
from core.queue import jobs


def appointment_changed(*, appointment_id: UUID, **_more: Any) -> None:
    """A meeting was moved, or its people changed."""
    services.follow_appointment(appointment_id)


def settings_changed(*, organization_id: UUID, **_more: Any) -> None:
    """Calls are recorded from now on, or not any more."""
    recordings.settings_changed(organization_id)


def organization_removed(**_more: Any) -> None:
    """Its calls went with it; the objects of its recordings are deleted now, and else by the timetable."""
    jobs.send("calls.delete_removed_recordings")
