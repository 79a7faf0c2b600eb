"""Maintenance windows: whose incidents are silent for a while, and what is told when
the while is over.

An incident opens and closes as ever; only its alerts are held back, each with a note in its
history. At the end what is still open is told. Who holds an alert back shares a lock, and who ends
a window has it alone: no incident falls between the two. A window of staff silences everybody, that
of an organization's owner nobody of the staff.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, locks
from core.alerts.outbox import deliver
from core.errors import Conflicting
from core.incidents import subjects
from core.incidents.subjects import Subject
from core.models import Incident, IncidentNote, MaintenanceWindow, User

LONGEST: Final = timedelta(days=31)
LONGEST_REASON: Final = 500

ENDS_BEFORE: Final = _("The end must be after the beginning.")
IS_PAST: Final = _("Choose an end that lies ahead.")
TOO_LONG: Final = _("At most 31 days.")
SAY_WHY: Final = _("Say in a few words what is done.")
IS_OVER: Final = _("This window is over and cannot be changed.")


class IsOver(Conflicting):
    """The window has ended."""

    conflict: ClassVar[str] = "maintenance_over"


def silencing(incident: Incident) -> MaintenanceWindow | None:
    """Return the window in which this incident is silent now, and keep it from being settled
    until the commit.

    Where there are several, one of staff comes first: it silences more people.
    """
    for window in running():
        if window.covers(incident):
            locks.hold("incidents.maintenance", shared=True)
            if MaintenanceWindow.objects.filter(
                pk=window.pk, settled_at=None, ends_at__gt=timezone.now()
            ).exists():
                return window
    return None


def running(at: datetime | None = None) -> list[MaintenanceWindow]:
    """Return the windows that are open now, those of staff first, each with the causes that its
    subject has by now.
    """
    now = at or timezone.now()
    windows = MaintenanceWindow.objects.filter(settled_at=None, starts_at__lte=now, ends_at__gt=now)
    found = list(windows.order_by("-by_staff", "-starts_at", "-id"))
    keys: dict[str, set[str]] = defaultdict(set)
    for window in found:
        if window.causes:
            keys[window.subject_kind].add(window.subject_key)
    current = {kind: subjects.causes_now(kind, of_kind) for kind, of_kind in keys.items()}
    for window in found:
        if window.causes:
            grown = current[window.subject_kind].get(window.subject_key, ())
            window.causes = list(dict.fromkeys([*window.causes, *grown]))
    return found


def plan(
    subject: Subject,
    *,
    organization_id: UUID | None,
    starts: datetime,
    ends: datetime,
    reason: str,
    actor: User,
    request: Any = None,
) -> MaintenanceWindow:
    """Plan a window over a subject; with `organization_id` it silences that organization's
    own incidents alone.
    """
    reason = _checked(starts, ends, reason)
    with transaction.atomic():
        window = MaintenanceWindow.objects.create(
            organization_id=organization_id,
            by_staff=actor.is_staff,
            subject_kind=subject.kind,
            subject_key=subject.key,
            subject_name=subject.name[:200],
            causes=list(subject.causes),
            starts_at=starts,
            ends_at=ends,
            reason=reason,
            made_by=actor,
        )
        _record("maintenance.planned", window, actor, request)
    return window


def change(
    window: MaintenanceWindow,
    *,
    starts: datetime,
    ends: datetime,
    reason: str,
    actor: User,
    request: Any = None,
) -> MaintenanceWindow:
    """Move a window that is not over, or say better what it is for."""
    reason = _checked(starts, ends, reason)
    with transaction.atomic():
        locks.hold("incidents.maintenance")
        is_open = MaintenanceWindow.objects.filter(
            pk=window.pk, settled_at=None, ends_at__gt=timezone.now()
        )
        if not is_open.update(starts_at=starts, ends_at=ends, reason=reason):
            raise IsOver(IS_OVER, code="conflict")
        window.refresh_from_db()
        _record("maintenance.changed", window, actor, request)
    return window


def end(window: MaintenanceWindow, *, actor: User, request: Any = None) -> None:
    """End a window now and tell what is still wrong; one that has not begun is taken back."""
    with transaction.atomic():
        locks.hold("incidents.maintenance")
        now = timezone.now()
        is_open = MaintenanceWindow.objects.filter(pk=window.pk, settled_at=None, ends_at__gt=now)
        if window.starts_at > now:
            if not is_open.filter(starts_at__gt=now).exists():
                raise IsOver(IS_OVER, code="conflict")
            _record("maintenance.ended", window, actor, request)
            is_open.delete()
            return
        if not is_open.update(ends_at=now):
            raise IsOver(IS_OVER, code="conflict")
        window.refresh_from_db()
        _record("maintenance.ended", window, actor, request)
        settle(window.pk)


def settle_ended() -> int:
    """Settle every window whose end has passed; how many. A worker that dies leaves
    its window to the next.
    """
    ended = MaintenanceWindow.objects.filter(settled_at=None, ends_at__lte=timezone.now())
    return sum(settle(pk) for pk in list(ended.values_list("pk", flat=True)))


@transaction.atomic
def settle(window_id: UUID) -> bool:
    """Tell what one window held back and is still wrong; of two workers at once one does,
    in one transaction.
    """
    locks.hold("incidents.maintenance")
    now = timezone.now()
    mark = MaintenanceWindow.objects.filter(pk=window_id, settled_at=None, ends_at__lte=now)
    if not mark.update(settled_at=now):
        return False
    silenced = IncidentNote.objects.filter(
        kind=IncidentNote.Kind.SILENCED, facts__window=str(window_id)
    )
    silenced = (
        silenced.filter(incident__closed_at=None).select_related("incident").order_by("at", "id")
    )
    others = running(now)
    for incident, transition in _owed(silenced).items():
        other = next((window for window in others if window.covers(incident)), None)
        if other is not None:
            # The window beside it still holds: what it is to tell at its end is noted as its own.
            _hand_over(incident, transition, other)
            if not other.by_staff:
                deliver(incident, transition, only_staff=True)
        elif incident.severity == Incident.Severity.CRITICAL or not incident.is_attended:
            deliver(incident, transition)
    return True


def _owed(silenced: Any) -> dict[Incident, str]:
    """Return the first transition of each incident that nobody heard of:
    what opened is told as that.
    """
    owed: dict[Incident, str] = {}
    for each in silenced:
        owed.setdefault(each.incident, each.facts["transition"])
    return owed


def _hand_over(incident: Incident, transition: str, window: MaintenanceWindow) -> None:
    facts = {"transition": transition, "window": str(window.pk)}
    IncidentNote.objects.create(
        incident=incident, kind=IncidentNote.Kind.SILENCED, at=timezone.now(), facts=facts
    )


def _checked(starts: datetime, ends: datetime, reason: str) -> str:
    reason = " ".join(reason.replace("\x00", "").split())
    errors: dict[str, Any] = {}
    if ends <= starts:
        errors["ends"] = ValidationError(ENDS_BEFORE, code="invalid")
    elif ends <= timezone.now():
        errors["ends"] = ValidationError(IS_PAST, code="invalid")
    elif ends - starts > LONGEST:
        errors["ends"] = ValidationError(TOO_LONG, code="invalid")
    if not reason or len(reason) > LONGEST_REASON:
        errors["reason"] = ValidationError(SAY_WHY, code="required")
    if errors:
        raise ValidationError(errors)
    return reason


def _record(action: str, window: MaintenanceWindow, actor: User, request: Any) -> None:
    audit.record(
        action,
        actor=actor,
        target=window,
        request=request,
        organization_id=window.organization_id,
        subject=f"{window.subject_kind}:{window.subject_key}",
        starts=window.starts_at,
        ends=window.ends_at,
        reason=window.reason,
    )
