"""Failed recordings as incidents: one per organization, whatever number of its calls it hits.

Whoever must know is the organization's host and the staff that look after it; an outage of the
recorder that hits a hundred calls of one organization is told once, with the calls on it. The next
good recording of the organization closes it. What hinders the deletion of recordings is one
incident for the installation, which has one storage.
"""

import logging
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from calls.models import Call, Recording, RemovedRecording
from calls.recordings.reasons import reason_of
from core import incidents
from core.errors import VendorError
from core.models import Incident

logger = logging.getLogger(__name__)

DELETING: Final = "calls.recordings_not_deleted"


def cause_of(organization_id: UUID) -> str:
    return f"calls.recording_failed:{organization_id}"


def failed(recording: Recording, call: Call) -> None:
    """Open the incident of a call that was made and has no recording."""
    incidents.observe(
        cause_of(call.organization_id),
        ok=False,
        title=_("A call was not recorded"),
        what_to_do=_(
            "Look at the recording in the management portal and use Check with LiveKit now. If "
            "more than one failed, see whether LiveKit's recorder runs and whether the storage "
            "takes its files."
        ),
        organization_id=call.organization_id,
        facts={"reason": recording.reason, "says": reason_of(recording), "last_call": str(call.pk)},
        affected=[str(call.pk)],
    )


def good(call: Call) -> None:
    """Close the incident: a recording of this organization was stored again."""
    incidents.observe(cause_of(call.organization_id), ok=True, title="")


def not_deleted(row: Recording | RemovedRecording, error: VendorError) -> None:
    """Note on the row that its object is not proved to be gone, and open the incident."""
    logger.warning("The object of %s was not deleted: %s", row.pk, error)
    message = error.message
    type(row).objects.filter(pk=row.pk, deleted_at=None).update(deletion_error=message[:500])
    incidents.observe(
        DELETING,
        ok=False,
        title=_("Recordings past their time cannot be deleted"),
        what_to_do=_(
            "Check the storage of recordings and its key: it must be allowed to delete objects, to "
            "read them and to list the bucket (without that the storage does not say that an "
            "object is gone). They are tried again every day, or at once with Run now on the "
            "timetable."
        ),
        severity=Incident.Severity.CRITICAL,
        facts={"says": message, "last": str(row.pk)},
        affected=[str(row.pk)],
    )


def all_deleted() -> None:
    """Close the incident: none is left that was tried and is still to be deleted."""
    incidents.observe(DELETING, ok=True, title="")
