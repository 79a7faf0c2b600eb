"""Whose a new lead is, where nobody says so: a setter's own, or of the one team
that a manager manages.
"""

from typing import Any

from core.models import User
from crm import access
from crm.models import Member, Organization, Team


def defaults(user: User, organization: Organization) -> dict[str, Any]:
    """Return what a lead that this person adds has, unless they choose otherwise."""
    role = access.role_in(user, organization.pk)
    if role == Member.Role.SETTER:
        return {"qualified_by": Member.objects.get(organization=organization, user=user)}
    if role == Member.Role.MANAGER:
        managed = list(Team.objects.filter(organization=organization, managers__user=user)[:2])
        if len(managed) == 1:
            return {"team": managed[0]}
    return {}
