"""An incident as one person reads it: how it is, what helps, and what they may do about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.functional import Promise

from core.incidents import maintenance, sources
from core.models import Incident, MaintenanceWindow
from core.words import times
from crm.services import incidents as service
from dashboard import queries, remedies
from dashboard.navigation import Shell
from dashboard.remedies import Advice

NAMES_SHOWN: Final = 3


@dataclass(frozen=True)
class Row:
    """One incident for one person."""

    incident: Incident
    advice: Advice
    window: MaintenanceWindow | None
    may_attend: bool
    organization: str = ""
    source: str | Promise = ""
    names: Sequence[str] = ()
    """Whom or what it hits, where that is the reader's business."""

    @property
    def state(self) -> str:
        """Return how it is, as it is shown: maintenance comes before what people did."""
        if self.window is not None and self.incident.closed_at is None:
            return "in_maintenance"
        return self.incident.state

    @property
    def key(self) -> str:
        return str(self.incident.pk)

    @property
    def more_names(self) -> int:
        return max(len(self.names) - NAMES_SHOWN, 0)

    @property
    def first_names(self) -> str:
        return ", ".join(self.names[:NAMES_SHOWN])

    @property
    def lasted(self) -> str:
        if self.incident.closed_at is None:
            return ""
        return times.lasted(self.incident.opened_at, self.incident.closed_at)


def of(found: Iterable[Incident], shell: Shell) -> list[Row]:
    """Return a row for each, with two queries for all of them:
    whose they are, and what is in maintenance.
    """
    listed = list(found)
    windows = maintenance.running()
    names: Mapping[UUID, str] = {}
    if shell.is_staff:
        names = queries.organization_names({row.organization_id for row in listed})
    may: dict[UUID | None, bool] = {}
    rows = []
    for incident, advice in zip(listed, remedies.advice(listed, shell), strict=True):
        key = incident.organization_id
        if key not in may:
            may[key] = bool(shell.user and service.may_attend(shell.user, incident))
        rows.append(_row(incident, advice, windows, may[key], names, is_staff=shell.is_staff))
    return rows


def _row(
    incident: Incident,
    advice: Advice,
    windows: Sequence[MaintenanceWindow],
    may_attend: bool,
    names: Mapping[UUID, str],
    *,
    is_staff: bool,
) -> Row:
    source = sources.of(incident.cause)
    # Of what hits everybody, others are no member's business.
    affected = incident.affected if is_staff or incident.organization_id else []
    return Row(
        incident,
        advice,
        next((window for window in windows if window.covers(incident)), None),
        may_attend and incident.closed_at is None,
        names.get(incident.organization_id, "") if incident.organization_id else "",
        source.word if source else "",
        [name for name in affected if not _is_id(name)],
    )


def _is_id(name: str) -> bool:
    """Tell whether a name is an id, which says nothing to people."""
    try:
        UUID(name)
    except ValueError:
        return False
    return True
