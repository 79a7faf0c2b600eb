"""What somebody should know before they call a lead: a few parts,
each with the time that it is from.

Each part is read from rows as they are; nothing is guessed, and no model is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.utils import timezone

from core.models import User
from crm import access, timeline
from crm.models import Appointment, Lead
from crm.timeline import Entry

CHANGES_SHOWN: Final = 5

Part = Callable[[User, Lead], Entry | None]
_PARTS: Final[dict[str, Part]] = {}


@dataclass(frozen=True, slots=True)
class Brief:
    """What is known of a lead at a moment."""

    made_at: datetime
    next_meeting: Entry | None
    last_call: Entry | None
    last_reply: Entry | None
    changes: list[Entry]


def declare(name: str, part: Part) -> None:
    """Have a part come from the app that knows it: "last_call", "last_reply"."""
    _PARTS[name] = part


def of(user: User, lead: Lead) -> Brief:
    """Return the brief of a lead, of what this person may see; what changed since the last call."""
    last_call = _part("last_call", user, lead)
    since = Q()
    if last_call is not None:
        since = Q(at__gte=last_call.at)
    return Brief(
        timezone.now(),
        _next_meeting(user, lead),
        last_call,
        _part("last_reply", user, lead),
        timeline.changes(user, lead, since, CHANGES_SHOWN),
    )


def _part(name: str, user: User, lead: Lead) -> Entry | None:
    if name not in _PARTS:
        return None
    return _PARTS[name](user, lead)


def _next_meeting(user: User, lead: Lead) -> Entry | None:
    ahead = access.appointments_for(user, lead.organization_id).filter(
        lead_id=lead.pk, ends_at__gt=timezone.now(), status=Appointment.Status.SCHEDULED
    )
    row = ahead.select_related("closer__user").order_by("starts_at", "pk").first()
    if row is None:
        return None
    closer = ""
    if row.closer:
        closer = row.closer.user.get_full_name() or row.closer.user.get_username()
    return Entry(
        timeline.MEETING, row.pk, row.starts_at, row.title, state=f"meeting.{row.status}", by=closer
    )
