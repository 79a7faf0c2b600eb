"""Who sees which source."""

from uuid import UUID

from bison import access as bison
from core.models import User
from crm import access
from integrations import access as integrations


def sees_fathom(user: User, scope: UUID | None) -> bool:
    """Tell whether this person sees what Fathom has: whoever runs an organization,
    and staff by permission.
    """
    if access.sees_everything(user):
        return user.has_perm("fathom_sync.view_fathommeeting")
    return scope is not None and access.role_in(user, scope) in access.RUNS_THE_ORGANIZATION


def sees_bison(user: User) -> bool:
    return bison.may(user, bison.SEE)


def sees_integrations(user: User, scope: UUID | None) -> bool:
    return scope is not None or integrations.as_staff(user, integrations.SEE)


def sees_any(user: User, scope: UUID | None) -> bool:
    """Tell whether there is a page of sources for this person."""
    if sees_integrations(user, scope) or sees_bison(user):
        return True
    return sees_fathom(user, scope)
