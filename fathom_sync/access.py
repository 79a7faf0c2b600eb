"""Who sees and may do what with Fathom: one rule for the API and the pages.

The accounts. The installation's is for operations staff; an organization's for its CEO,
an ADMIN and staff who may; a rep's for those and the rep.

The meetings and the days of the ledger. Staff who may view them and ADMINs see all, those of
nobody's organization too. A CEO sees those of the organization; a MANAGER those of the reps that
they see, and those that wait there for anybody; others their own days, and no queue.
"""

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet

from core.errors import NotFound
from core.models import User
from crm import access, current
from crm.access import Viewer
from crm.models import Member, Organization, SalesRep, TeamManager
from fathom_sync import accounts
from fathom_sync.meetings import keeping
from fathom_sync.models import Assignment, FathomAccount, FathomMeeting, LedgerDay

Role = Member.Role
Owner = Organization | SalesRep | None
_RUN_IT: Final = (Role.CEO, Role.MANAGER, Role.ADMIN)


# --- Accounts -------------------------------------------------------------------------------------
def may_see_installation(user: User) -> bool:
    """Tell whether this person sees the installation's account."""
    return access.sees_everything(user) and user.has_perm("core.view_systemsetting")


def may_change_installation(user: User) -> bool:
    """Tell whether this person says what key the installation's account has."""
    return access.sees_everything(user) and user.has_perm("core.change_systemsetting")


def may_reveal(user: User) -> bool:
    """Tell whether this person may read a stored secret in full."""
    return bool(user.has_perm("core.reveal_secret"))


def is_this_rep(user: User, rep: SalesRep) -> bool:
    """Tell whether the person is the rep."""
    return rep.member is not None and rep.member.user_id == user.pk


def may_change_account(user: User, owner: Owner) -> bool:
    """Tell whether this person says what key the owner's account has; None is the installation."""
    if owner is None:
        return may_change_installation(user)
    if isinstance(owner, SalesRep):
        return access.owns(user, owner.organization_id) or is_this_rep(user, owner)
    return access.owns(user, owner.pk)


def may_see_account(user: User, owner: Owner) -> bool:
    """Tell whether this person sees the owner's account, masked.

    Who changes it does; so do staff who look at everything.
    """
    return may_change_account(user, owner) or may_see_installation(user)


def account_meant(
    request: Any, *, organization: UUID | None, rep: UUID | None, changes: bool
) -> FathomAccount:
    """Return the account that a request means.

    Raise NotFound for what is not there or not theirs, PermissionDenied for what they may not.
    """
    owner = _owner_meant(request, organization, rep)
    is_allowed = may_see_account
    if changes:
        is_allowed = may_change_account
    if not is_allowed(request.user, owner):
        raise PermissionDenied
    return accounts.account_for(owner)


def _owner_meant(request: Any, organization: UUID | None, rep: UUID | None) -> Owner:
    user: User = request.user
    if rep is not None:
        found = access.reps_for(user).select_related("member").filter(pk=rep).first()
        if found is None:
            raise NotFound
        return found
    if organization is None and access.sees_everything(user):
        return None
    if organization is None and not access.memberships_of(user):
        raise PermissionDenied
    return current.organization_addressed(request, organization)


# --- Meetings and the ledger ----------------------------------------------------------------------
def meetings_for(user: Viewer) -> QuerySet[FathomMeeting]:
    """Return the meetings that this person sees, the waiting ones among them."""
    return _seen(FathomMeeting, user, has_queue=True)


def ledger_for(user: Viewer) -> QuerySet[LedgerDay]:
    """Return the days of the ledger that this person sees."""
    return _seen(LedgerDay, user, has_queue=False)


def assignments_for(user: Viewer) -> QuerySet[Assignment]:
    """Return what was given by hand lately to the reps that this person sees,
    for those who give meetings away.
    """
    rows = keeping.may_be_undone()
    if _is_staff_who_sees(user, FathomMeeting):
        return rows
    members = access.memberships_of(user)
    running = [member.organization_id for member in members if member.role in _RUN_IT]
    reps = access.reps_for(user)
    if not any(member.role == Role.ADMIN for member in members):
        reps = reps.filter(organization_id__in=running)
    return rows.filter(rep__in=reps)


def may_assign(user: Viewer, rep: SalesRep) -> bool:
    """Tell whether this person, who sees the rep, says which meetings are theirs."""
    if access.role_in(user, rep.organization_id) in _RUN_IT:
        return True
    return access.may(user, "change", SalesRep, rep.organization_id)


def may_remember(user: Viewer, rep: SalesRep) -> bool:
    """Tell whether this person says which addresses a rep has."""
    return access.may(user, "change", SalesRep, rep.organization_id)


def _seen(model: type[Any], user: Viewer, *, has_queue: bool) -> QuerySet[Any]:
    """Return the rows of a model that this person sees; of what has a queue,
    only who runs a team sees any.
    """
    rows: QuerySet[Any] = model._default_manager.all()
    members = access.memberships_of(user)
    is_admin = any(member.role == Role.ADMIN for member in members)
    if is_admin or _is_staff_who_sees(user, model):
        return rows
    wanted = Q(pk__in=())
    for member in members:
        if member.role == Role.CEO:
            wanted |= Q(organization_id=member.organization_id)
        elif member.role == Role.MANAGER:
            teams = TeamManager.objects.filter(member_id=member.pk).values("team_id")
            theirs = Q(rep=None) | Q(rep__team_id__in=teams)
            wanted |= Q(organization_id=member.organization_id) & theirs
        elif not has_queue:
            wanted |= Q(rep_id__in=SalesRep.objects.filter(member_id=member.pk).values("pk"))
    return rows.filter(wanted)


def _is_staff_who_sees(user: Viewer, model: type[Model]) -> bool:
    permission = f"fathom_sync.view_{model._meta.model_name}"
    return access.sees_everything(user) and user.has_perm(permission)


# --- Syncs ----------------------------------------------------------------------------------------
def may_sync_installation(user: Viewer) -> bool:
    """Tell whether this person starts syncs of every account."""
    return access.sees_everything(user) and user.has_perm("fathom_sync.change_fathomaccount")


def may_sync(user: User, organization_id: Any) -> bool:
    """Tell whether this person starts a sync of all that an organization has."""
    return may_sync_installation(user) or access.role_in(user, organization_id) in _RUN_IT


def may_sync_rep(user: User, rep: SalesRep) -> bool:
    """Tell whether this person fetches a rep's meetings now: whoever sees the rep by a role,
    and staff who may.
    """
    return may_sync_installation(user) or access.by_role(SalesRep, user).filter(pk=rep.pk).exists()
