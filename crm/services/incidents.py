"""Incidents as the people of an organization and staff deal with them:
who may acknowledge, and who may plan silence.

What they do is core.incidents'; everything here raises PermissionDenied for who may not.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.alerts.audience import Circle
from core.incidents import attending, maintenance, subjects
from core.incidents.subjects import Kind, Subject
from core.models import Incident, MaintenanceWindow, User
from crm import access
from crm.access import Viewer
from crm.models import Member

CHANGE = "core.change_incident"
PLAN = "core.add_maintenancewindow"
SEE_WINDOWS = "core.view_maintenancewindow"
NO_SUBJECT = _("Choose what it is about.")


def may_attend(user: Viewer, incident: Incident) -> bool:
    """Tell whether this person may acknowledge and snooze an incident that they see.

    Staff may by permission, others what is their own organization's:
    what hits everybody is the agency's.
    """
    if access.sees_everything(user):
        return user.has_perm(CHANGE)
    if incident.organization_id is None:
        return False
    return access.role_in(user, incident.organization_id) in access.RUNS_THE_ORGANIZATION


def needing_attention(
    user: Viewer, organization_id: UUID | None = None, members: list[Member] | None = None
) -> QuerySet[Incident]:
    """Return the open incidents that this person sees and that nobody has
    acknowledged or snoozed.
    """
    found = within(access.incidents_for(user, members), organization_id)
    found = found.filter(closed_at=None, acknowledged_at=None)
    return found.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=timezone.now()))


def within(rows: QuerySet[Incident], organization_id: UUID | None) -> QuerySet[Incident]:
    """Return those of one organization, and those that hit every organization; all for None."""
    if organization_id is None:
        return rows
    return rows.filter(
        Q(organization_id=organization_id) | (Q(organization_id=None) & ~Q(for_everybody=""))
    )


def acknowledge(
    incident: Incident, *, actor: User, note: str = "", request: Any = None
) -> Incident:
    """Say that the actor looks after it."""
    _require_attending(actor, incident)
    return attending.acknowledge(incident, actor=actor, text=note, request=request)


def snooze(
    incident: Incident, until: datetime | None, *, actor: User, request: Any = None
) -> Incident:
    """Be silent about it until then; None wakes it."""
    _require_attending(actor, incident)
    if until is None:
        return attending.wake(incident, actor=actor, request=request)
    return attending.snooze(incident, until, actor=actor, request=request)


def may_plan(user: Viewer, subject: Subject) -> bool:
    """Tell whether this person may plan maintenance of what they see:
    staff, or who heads its organization.
    """
    if access.sees_everything(user):
        return user.has_perm(PLAN)
    return subject.organization_id is not None and access.owns(user, subject.organization_id)


def plannable(user: Viewer) -> list[Subject]:
    """Return all that this person may plan maintenance of."""
    may: dict[UUID | None, bool] = {}
    found = []
    for subject in subjects.found_for(user):
        key = subject.organization_id
        if key not in may:
            may[key] = may_plan(user, subject)
        if may[key]:
            found.append(subject)
    return found


def plans(user: Viewer) -> bool:
    """Tell whether this person may plan any maintenance."""
    if access.sees_everything(user):
        return user.has_perm(PLAN)
    return any(
        member.role in (Member.Role.CEO, Member.Role.ADMIN)
        for member in access.memberships_of(user)
    )


def windows_for(user: Viewer) -> QuerySet[MaintenanceWindow]:
    """Return the maintenance windows that this person may see:
    staff all, others those of what they run.
    """
    windows = MaintenanceWindow.objects.select_related("made_by")
    if access.sees_everything(user):
        if user.has_perm(SEE_WINDOWS):
            return windows
        return windows.none()
    members = access.memberships_of(user)
    if any(member.role == Member.Role.ADMIN for member in members):
        return windows.filter(organization_id__isnull=False)
    run = [
        member.organization_id for member in members if member.role in access.RUNS_THE_ORGANIZATION
    ]
    return windows.filter(organization_id__in=run)


def may_change_window(user: Viewer, window: MaintenanceWindow) -> bool:
    """Tell whether this person may move or end a window that they see."""
    if access.sees_everything(user):
        return user.has_perm(PLAN)
    return window.organization_id is not None and access.owns(user, window.organization_id)


def plan(
    kind: str,
    key: str,
    *,
    starts: datetime,
    ends: datetime,
    reason: str,
    actor: User,
    request: Any = None,
) -> MaintenanceWindow:
    """Plan a window over the subject of this kind and key, which must be one that the
    actor may plan for.
    """
    if not plans(actor):
        raise PermissionDenied
    found = next((each for each in plannable(actor) if (each.kind, each.key) == (kind, key)), None)
    if found is None:
        raise ValidationError({"subject": ValidationError(NO_SUBJECT, code="invalid")})
    return maintenance.plan(
        found,
        organization_id=found.organization_id,
        starts=starts,
        ends=ends,
        reason=reason,
        actor=actor,
        request=request,
    )


def change_window(
    window: MaintenanceWindow,
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
    reason: str | None = None,
    actor: User,
    request: Any = None,
) -> MaintenanceWindow:
    """Move a window, or say better what it is for."""
    if not may_change_window(actor, window):
        raise PermissionDenied
    return maintenance.change(
        window,
        starts=starts or window.starts_at,
        ends=ends or window.ends_at,
        reason=window.reason if reason is None else reason,
        actor=actor,
        request=request,
    )


def end_window(window: MaintenanceWindow, *, actor: User, request: Any = None) -> None:
    """End a window now, or take back one that has not begun."""
    if not may_change_window(actor, window):
        raise PermissionDenied
    maintenance.end(window, actor=actor, request=request)


def _require_attending(user: User, incident: Incident) -> None:
    if not may_attend(user, incident):
        raise PermissionDenied


# Whom an incident concerns, for core.alerts.


def _of_incident(incident: Incident) -> tuple[set[UUID], set[UUID]]:
    """Return the members whom an incident concerns; only its own organization's CEOs hear
    of it by default.
    """
    wanted = Q(role=Member.Role.ADMIN)
    if incident.organization_id:
        wanted |= Q(organization_id=incident.organization_id, role__in=access.RUNS_THE_ORGANIZATION)
    elif incident.for_everybody:
        wanted |= Q(role__in=access.RUNS_THE_ORGANIZATION)
    else:
        return set(), set()
    members = list(Member.objects.filter(wanted).values_list("user_id", "role", "organization_id"))
    heads = {
        user
        for user, role, organization in members
        if role == Member.Role.CEO and organization == incident.organization_id
    }
    return {user for user, _role, _organization in members}, heads


def _is_concerned(user: User) -> bool:
    return Member.objects.filter(user=user, role__in=access.RUNS_THE_ORGANIZATION).exists()


def _heads(user: User) -> bool:
    return Member.objects.filter(user=user, role=Member.Role.CEO).exists()


CIRCLE = Circle(
    of_incident=_of_incident, sight=access.incidents_for, is_concerned=_is_concerned, hears=_heads
)


# What every installation has: itself, and its organizations.


def _installation(user: Viewer) -> list[Subject]:
    if not access.sees_everything(user):
        return []
    return [Subject("installation", "", str(_("Everything")), ())]


def _organizations(user: Viewer) -> list[Subject]:
    rows = access.organizations_for(user).order_by("name").values_list("pk", "name")
    return [Subject("organization", str(pk), name, (), organization_id=pk) for pk, name in rows]


KINDS = (
    Kind("installation", _("Whole installation"), _installation),
    Kind("organization", _("Organization"), _organizations),
)
