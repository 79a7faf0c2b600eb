"""Who may see, use and change an integration. Everybody else is told that there is none.

It is its owner's. Colleagues see and use it where it is shared. Of one whose owner has left,
those who run the organization decide. Staff see and change what their permissions let them.
"""

from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm import access
from crm.access import Viewer
from crm.models import Member
from integrations.models import Integration

SEE: Final = "integrations.view_integration"
CHANGE: Final = "integrations.change_integration"
DELETE: Final = "integrations.delete_integration"
TEST: Final = "integrations.test_integration"
SYNC: Final = "integrations.sync_integration"
DISCONNECT: Final = "integrations.disconnect_integration"
REPLAY: Final = "integrations.replay_integration"


def integrations_for(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Integration]:
    """Return the integrations that this person may see."""
    rows = Integration.objects.all()
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    if as_staff(user, SEE):
        return rows
    return rows.filter(_seen_by(user))


def own(user: Viewer, organization_id: UUID | None = None) -> QuerySet[Integration]:
    """Return those that are this person's own."""
    rows = integrations_for(user, organization_id)
    return rows.filter(owner_id=user.pk, owner__isnull=False)


def may_change(user: Viewer, integration: Integration, permission: str = CHANGE) -> bool:
    """Tell whether this person may change one that they see."""
    if as_staff(user, permission):
        return True
    organizations = {member.organization_id for member in access.memberships_of(user)}
    is_own = integration.owner_id is not None and integration.owner_id == user.pk
    if is_own and integration.organization_id in organizations:
        return True
    is_head = access.role_in(user, integration.organization_id) in (
        Member.Role.CEO,
        Member.Role.ADMIN,
    )
    return is_head and not _has_owner(integration)


def changeable(user: Viewer, permission: str = CHANGE) -> QuerySet[Integration]:
    """Return all that this person may change, as `may_change` says of each."""
    rows = Integration.objects.all()
    if as_staff(user, permission):
        return rows
    wanted = Q(pk__in=())
    for member in access.memberships_of(user):
        wanted |= Q(organization_id=member.organization_id) & _decided_by(member)
    return rows.filter(wanted)


def as_staff(user: Viewer, permission: str) -> bool:
    """Tell whether this is staff with that permission."""
    return access.sees_everything(user) and user.has_perm(permission)


def _seen_by(user: Viewer) -> Q:
    wanted = Q(pk__in=())
    for member in access.memberships_of(user):
        wanted |= Q(organization_id=member.organization_id) & (
            _decided_by(member) | Q(is_shared=True)
        )
    return wanted


def _decided_by(member: Member) -> Q:
    """Find those that are the member's own, and for the head of an organization also those
    that nobody owns.
    """
    if member.role in (Member.Role.CEO, Member.Role.ADMIN):
        return Q(owner_id=member.user_id) | ~_owner_is_there()
    return Q(owner_id=member.user_id)


def _owner_is_there() -> Q:
    return Q(
        Exists(
            Member.objects.filter(
                organization_id=OuterRef("organization_id"), user_id=OuterRef("owner_id")
            )
        )
    )


def _has_owner(integration: Integration) -> bool:
    if integration.owner_id is None:
        return False
    members = Member.objects.filter(
        organization_id=integration.organization_id, user_id=integration.owner_id
    )
    return members.exists()
