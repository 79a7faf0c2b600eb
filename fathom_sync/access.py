"""Whose Fathom account a request speaks of, and who may: one rule for the API and the page.

The installation's: operations staff. An organization's: its CEO, an ADMIN, staff who may. A rep's: those, and the rep.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied

from core.errors import NotFound
from core.models import User
from crm import access, current
from crm.models import Organization, SalesRep
from fathom_sync import accounts
from fathom_sync.models import FathomAccount


def may_see_installation(user: User) -> bool:
    return access.sees_everything(user) and user.has_perm("core.view_systemsetting")


def may_change_installation(user: User) -> bool:
    return access.sees_everything(user) and user.has_perm("core.change_systemsetting")


def may_reveal(user: User) -> bool:
    """Whether a stored secret may be read in full by this person."""
    return bool(user.has_perm("core.reveal_secret"))


def is_this_rep(user: User, rep: SalesRep) -> bool:
    return rep.member is not None and rep.member.user_id == user.pk


def may_change(user: User, owner: Organization | SalesRep | None) -> bool:
    """Whether this person says what key stands there; None is the installation."""
    if owner is None:
        return may_change_installation(user)
    if isinstance(owner, SalesRep):
        return access.owns(user, owner.organization_id) or is_this_rep(user, owner)
    return access.owns(user, owner.pk)


def may_see(user: User, owner: Organization | SalesRep | None) -> bool:
    """Who changes it sees it (masked); staff who look at everything see it too."""
    return may_change(user, owner) or may_see_installation(user)


def meant(request: Any, *, organization: UUID | None, rep: UUID | None, changes: bool) -> FathomAccount:
    """Return the account that a request means.

    Raise NotFound for what is not there or not theirs, PermissionDenied for what they may not.
    """
    owner = _owner(request, organization, rep)
    allowed = may_change(request.user, owner) if changes else may_see(request.user, owner)
    if not allowed:
        raise PermissionDenied
    return accounts.account_for(owner)


def _owner(request: Any, organization: UUID | None, rep: UUID | None) -> Organization | SalesRep | None:
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
