"""What was done with a meeting, by whom: written with the change, and read back as its history.

No word of the meeting's own stands in it (a title may name the lead):
the log outlives what people ask to be erased.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from core import audit
from core.models import AuditEvent
from crm.models import Appointment, Member

BY_STATUS: Final = {
    Appointment.Status.CANCELLED: "appointment.cancelled",
    Appointment.Status.NO_SHOW: "appointment.no_show",
    Appointment.Status.COMPLETED: "appointment.completed",
    Appointment.Status.SCHEDULED: "appointment.reopened",
}
# What the times of a meeting are kept in: said by their own action.
TIMES: Final = frozenset(
    {"time_zone", "starts_wall", "starts_fold", "ends_wall", "ends_fold", "starts_at", "ends_at"}
)
SHOWN: Final = 50


@dataclass(frozen=True)
class By:
    """Who does it, and the request that it came with."""

    actor: Any = None
    request: Any = None


@dataclass(frozen=True)
class Before:
    """A meeting as it was before a change."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    status: str
    closer_id: Any
    lead_id: Any
    cancelled_at: datetime | None

    @classmethod
    def of(cls, appointment: Appointment) -> Self:
        return cls(
            appointment.starts_at,
            appointment.ends_at,
            appointment.time_zone,
            appointment.status,
            appointment.closer_id,
            appointment.lead_id,
            appointment.cancelled_at,
        )

    @property
    def times(self) -> tuple[datetime, datetime, str]:
        return self.starts_at, self.ends_at, self.time_zone


def record_booked(appointment: Appointment, by: By | None) -> None:
    """Record that it was booked, and for when."""
    _record(
        "appointment.booked",
        appointment,
        by,
        **_when(appointment),
        closer=_name(appointment.closer_id),
    )


def record_changed(
    appointment: Appointment, changed: list[str], before: Before, by: By | None
) -> None:
    """Record each kind of change by itself."""
    if before.times != (appointment.starts_at, appointment.ends_at, appointment.time_zone):
        earlier = {"starts_before": before.starts_at, "ends_before": before.ends_at}
        _record("appointment.moved", appointment, by, **earlier, **_when(appointment))
    if "status" in changed:
        _record(
            BY_STATUS[Appointment.Status(appointment.status)], appointment, by, before=before.status
        )
    if "closer" in changed:
        people = {"closer_before": _name(before.closer_id), "closer": _name(appointment.closer_id)}
        _record("appointment.reassigned", appointment, by, **people)
    others = sorted(set(changed) - TIMES - {"status", "closer", "cancel_reason"})
    if others:
        _record("appointment.changed", appointment, by, changed=others)


def record_outcome(appointment: Appointment, *, before: str, outcome: str, by: By) -> None:
    """Record what came of its call, as somebody set it."""
    _record("appointment.outcome_set", appointment, by, outcome_before=before, outcome=outcome)


def history(appointment: Appointment) -> list[AuditEvent]:
    """Return what was done with this meeting, the newest first."""
    label = appointment._meta.label_lower
    rows = AuditEvent.objects.filter(target_type=label, target_id=str(appointment.pk))
    return list(rows.order_by("-sequence")[:SHOWN])


def _when(appointment: Appointment) -> dict[str, Any]:
    return {
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "time_zone": appointment.time_zone,
    }


def _name(member_id: Any) -> str:
    if member_id is None:
        return ""
    member = Member.objects.select_related("user").filter(pk=member_id).first()
    if member is None:
        return ""
    return member.user.get_full_name() or member.user.get_username()


def _record(action: str, appointment: Appointment, by: By | None, **facts: Any) -> None:
    """Record an act of a person; what no person does (an import, the clock)
    has no row of its own.
    """
    if by is None:
        return
    nameless = Appointment(
        pk=appointment.pk, starts_wall=appointment.starts_wall, time_zone=appointment.time_zone
    )
    audit.record(
        action,
        actor=by.actor,
        target=nameless,
        request=by.request,
        organization_id=appointment.organization_id,
        **facts,
    )
