"""Whether a transition is told now, or at the end of a maintenance window."""

from typing import Any

from django.utils import timezone

from core.alerts.outbox import deliver
from core.incidents import maintenance
from core.models import Incident, IncidentNote


def announce(incident: Incident, transition: str) -> None:
    """Tell of a transition, within its transaction; what opens or worsens during maintenance
    is told at its end.

    The end of an incident is told whatever stands in the way: to those alone who heard
    of its beginning. Staff hear at once of what an organization's owner silences.
    """
    if transition != "closed":
        window = maintenance.silencing(incident)
        if window is not None:
            note(incident, IncidentNote.Kind.SILENCED, transition=transition, window=str(window.pk))
            if not window.by_staff:
                deliver(incident, transition, only_staff=True)
            return
    deliver(incident, transition)


def note(
    incident: Incident, kind: str, *, by: Any = None, text: str = "", **facts: Any
) -> IncidentNote:
    """Write into an incident's history what happened to it."""
    return IncidentNote.objects.create(
        incident=incident, kind=kind, at=timezone.now(), by=by, text=text, facts=facts
    )
