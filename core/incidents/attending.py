"""Acknowledge, snooze and wake an incident: conditional updates, so that of two people
at once one wins.

Who may is asked above (crm.services.incidents). What becomes critical afterwards needs
attention anew (`watching`).
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Conflicting
from core.incidents.announcing import note
from core.models import Incident, IncidentNote, User
from core.words import times

LONGEST_SNOOZE: Final = timedelta(days=30)
LONGEST_NOTE: Final = 1000

CLOSED: Final = _("This incident is over; there is nothing left to do.")
ACKNOWLEDGED: Final = _("%(who)s acknowledged this %(ago)s.")
SNOOZED: Final = _("%(who)s changed the snooze meanwhile.")
SOMEBODY: Final = _("Somebody")
NOT_AHEAD: Final = _("Choose a time that lies ahead.")
TOO_FAR: Final = _("Choose a time within the next 30 days.")
TOO_LONG: Final = _("Write at most 1,000 characters.")


class IsOver(Conflicting):
    """The incident was closed."""

    conflict: ClassVar[str] = "incident_closed"


class IsTaken(Conflicting):
    """Somebody else was first."""

    conflict: ClassVar[str] = "already_attended"


def name_of(user: User | None) -> str:
    """Return what a person is called in an incident's history."""
    if user is None:
        return str(SOMEBODY)
    return user.get_full_name() or user.get_username()


def acknowledge(
    incident: Incident, *, actor: User, text: str = "", request: Any = None
) -> Incident:
    """Say that somebody looks after it; IsTaken says who did before, IsOver that it is closed."""
    text = text.replace("\x00", "").strip()
    if len(text) > LONGEST_NOTE:
        raise ValidationError({"note": ValidationError(TOO_LONG, code="max_length")})
    with transaction.atomic():
        taken = Incident.objects.filter(
            pk=incident.pk, closed_at=None, acknowledged_at=None
        ).update(acknowledged_at=timezone.now(), acknowledged_by=actor, note=text)
        if not taken:
            raise _why_not(incident)
        incident.refresh_from_db()
        _record(
            incident, IncidentNote.Kind.ACKNOWLEDGED, "incident.acknowledged", actor, request, text
        )
    return incident


def snooze(incident: Incident, until: datetime, *, actor: User, request: Any = None) -> Incident:
    """Want to hear nothing of it before that moment, unless it becomes critical."""
    now = timezone.now()
    if until <= now:
        raise ValidationError({"until": ValidationError(NOT_AHEAD, code="invalid")})
    if until > now + LONGEST_SNOOZE:
        raise ValidationError({"until": ValidationError(TOO_FAR, code="invalid")})
    with transaction.atomic():
        _set_snooze(incident, until, actor)
        kind = IncidentNote.Kind.SNOOZED
        _record(incident, kind, "incident.snoozed", actor, request, until=until.isoformat())
    return incident


def wake(incident: Incident, *, actor: User, request: Any = None) -> Incident:
    """Want to hear of it again now; one that does not sleep is left as it is."""
    if not incident.is_snoozed:
        return incident
    with transaction.atomic():
        _set_snooze(incident, None, actor)
        _record(incident, IncidentNote.Kind.WOKEN, "incident.woken", actor, request)
    return incident


def _set_snooze(incident: Incident, until: datetime | None, actor: User) -> None:
    """Write it where it stands as this person saw it."""
    seen = Incident.objects.filter(
        pk=incident.pk, closed_at=None, snoozed_until=incident.snoozed_until
    )
    if not seen.update(snoozed_until=until, snoozed_by=actor):
        current = Incident.objects.select_related("snoozed_by").get(pk=incident.pk)
        if current.closed_at:
            raise IsOver(CLOSED, code="conflict")
        raise IsTaken(SNOOZED, code="conflict", params={"who": name_of(current.snoozed_by)})
    incident.refresh_from_db()


def _why_not(incident: Incident) -> Conflicting:
    current = Incident.objects.select_related("acknowledged_by").get(pk=incident.pk)
    if current.closed_at or current.acknowledged_at is None:
        return IsOver(CLOSED, code="conflict")
    facts = {"who": name_of(current.acknowledged_by), "ago": times.ago(current.acknowledged_at)}
    return IsTaken(ACKNOWLEDGED, code="conflict", params=facts)


def _record(
    incident: Incident,
    kind: str,
    action: str,
    actor: User,
    request: Any,
    text: str = "",
    **facts: Any,
) -> None:
    note(incident, kind, by=actor, text=text, **facts)
    audit.record(
        action,
        actor=actor,
        target=incident,
        request=request,
        organization_id=incident.organization_id,
        cause=incident.cause,
        **facts,
    )
