"""Who gets into the pages of integrations, for which organization, and which integration
an address means.
"""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from core.models import User
from crm.access import memberships_of, organizations_for
from crm.models import Organization
from dashboard.navigation import Shell
from dashboard.views import person
from integrations import access
from integrations.models import Integration


@dataclass(frozen=True)
class Visit:
    """Who looks, and for which organization: None where staff look at all of them."""

    user: User
    is_staff: bool
    organization: Organization | None

    @cached_property
    def may_add(self) -> bool:
        """Whether they may connect something: members for their organization,
        staff who may for any.
        """
        if self.organization is None:
            return False
        if access.as_staff(self.user, access.CHANGE):
            return True
        return any(
            member.organization_id == self.organization.pk for member in memberships_of(self.user)
        )

    def rows(self) -> QuerySet[Integration]:
        """Return the integrations that they see, with all that pages show of one."""
        organization_id = self.organization.pk if self.organization else None
        rows = access.integrations_for(self.user, organization_id)
        rows = rows.select_related("account", "owner", "organization", "oauth_grant")
        return rows.prefetch_related("account__secrets")


def entered(request: HttpRequest) -> Visit:
    """Let somebody in: 404 for who belongs nowhere, 403 for staff without the permission."""
    shell, user = Shell(request), person(request)
    if shell.is_staff:
        if access.as_staff(user, access.SEE):
            return Visit(user, is_staff=True, organization=_asked(request, user))
        if not memberships_of(user):
            raise PermissionDenied
        return Visit(user, is_staff=False, organization=memberships_of(user)[0].organization)
    if shell.current is None:
        raise Http404
    return Visit(user, is_staff=False, organization=shell.current)


def named(request: HttpRequest, integration_id: UUID, permission: str = "") -> Integration:
    """Return an integration that the person sees: 404 for any other, 403 where they may not
    do that with it.
    """
    user = person(request)
    found = everything(user).filter(pk=integration_id).first()
    if found is None:
        raise Http404
    if permission and not access.may_change(user, found, permission):
        raise PermissionDenied
    return found


def everything(user: User) -> QuerySet[Integration]:
    """Return all that a person sees, whichever organization they look at."""
    rows = access.integrations_for(user).select_related(
        "account", "owner", "organization", "fallback", "oauth_grant"
    )
    return rows.prefetch_related("account__secrets")


def _asked(request: HttpRequest, user: User) -> Organization | None:
    """Return the organization that staff ask for by `?organization=`; 404 for one that is not."""
    asked = request.POST.get("organization") or request.GET.get("organization", "")
    if not asked:
        return None
    try:
        found = organizations_for(user).filter(pk=UUID(asked)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found
