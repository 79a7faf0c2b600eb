"""What could not be written down for good, as one incident per organization;
the next that was closes it.
"""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from calls.models import Call, Transcription
from calls.transcripts.reasons import reason_of
from core import incidents

CAUSE: Final = "calls.transcription_failed"


def cause_of(organization_id: UUID) -> str:
    return f"{CAUSE}:{organization_id}"


def failed(transcription: Transcription, call: Call) -> None:
    """Open the incident of a call that was not written down, and that nobody tries again."""
    incidents.observe(
        cause_of(call.organization_id),
        ok=False,
        title=_("What was said in a call could not be written down"),
        what_to_do=_(
            "The call's page says why, and its run has the evidence. If more than one failed, see "
            "whether the service at OPENAI_BASE_URL answers and takes the key."
        ),
        organization_id=call.organization_id,
        facts={
            "reason": transcription.reason,
            "says": reason_of(transcription),
            "last_call": str(call.pk),
        },
        affected=[str(call.pk)],
    )


def good(call: Call) -> None:
    """Close the incident: a call of this organization was written down again."""
    incidents.observe(cause_of(call.organization_id), ok=True, title="")
