"""Whose meetings and days of the ledger a person sees: one rule for the API and the pages.

Staff who may view them and ADMINs see all, those of nobody's organization too. A CEO sees those of the organization; a
MANAGER those of the reps that they see, and those that wait there for anybody; others their own days, and no queue.
"""

from typing import Any, Final

from django.db.models import Model, Q, QuerySet

from core.models import User
from crm import access
from crm.access import Viewer
from crm.models import Member, SalesRep, TeamManager
from fathom_sync.meetings import keeping
from fathom_sync.models import Assignment, FathomMeeting, LedgerDay

Role = Member.Role
_RUN_IT: Final = (Role.CEO, Role.MANAGER, Role.ADMIN)


def meetings_for(user: Viewer) -> QuerySet[FathomMeeting]:
    return _of(FathomMeeting, user, queue=True)


def ledger_for(user: Viewer) -> QuerySet[LedgerDay]:
    return _of(LedgerDay, user, queue=False)


def assignments_for(user: Viewer) -> QuerySet[Assignment]:
    """Return what was given by hand lately to the reps that this person sees, for those who give meetings away."""
    rows = keeping.may_be_undone()
    if _as_staff(user, FathomMeeting):
        return rows
    members = access.memberships_of(user)
    running = [member.organization_id for member in members if member.role in _RUN_IT]
    reps = access.reps_for(user)
    if not any(member.role == Role.ADMIN for member in members):
        reps = reps.filter(organization_id__in=running)
    return rows.filter(rep__in=reps)


def may_assign(user: Viewer, rep: SalesRep) -> bool:
    """Whether this person, who sees the rep, says which meetings are theirs."""
    return access.role_in(user, rep.organization_id) in _RUN_IT or access.may(
        user, "change", SalesRep, rep.organization_id
    )


def may_remember(user: Viewer, rep: SalesRep) -> bool:
    """Whether this person says which addresses a rep has."""
    return access.may(user, "change", SalesRep, rep.organization_id)


def may_sync_installation(user: Viewer) -> bool:
    return access.sees_everything(user) and user.has_perm("fathom_sync.change_fathomaccount")


def may_sync(user: User, organization_id: Any) -> bool:
    """Whether this person starts a sync of all that an organization has."""
    return may_sync_installation(user) or access.role_in(user, organization_id) in _RUN_IT


def may_sync_rep(user: User, rep: SalesRep) -> bool:
    """Whether this person fetches a rep's meetings now: whoever sees the rep by a role, and staff who may."""
    return may_sync_installation(user) or access.by_role(SalesRep, user).filter(pk=rep.pk).exists()


def _of(model: type[Any], user: Viewer, *, queue: bool) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.all()
    members = access.memberships_of(user)
    if _as_staff(user, model) or any(member.role == Role.ADMIN for member in members):
        return rows
    wanted = Q(pk__in=())
    for member in members:
        if member.role == Role.CEO:
            wanted |= Q(organization_id=member.organization_id)
        elif member.role == Role.MANAGER:
            teams = TeamManager.objects.filter(member_id=member.pk).values("team_id")
            theirs = Q(rep=None) | Q(rep__team_id__in=teams)
            wanted |= Q(organization_id=member.organization_id) & theirs
        elif not queue:
            wanted |= Q(rep_id__in=SalesRep.objects.filter(member_id=member.pk).values("pk"))
    return rows.filter(wanted)


def _as_staff(user: Viewer, model: type[Model]) -> bool:
    return access.sees_everything(user) and user.has_perm(f"fathom_sync.view_{model._meta.model_name}")
