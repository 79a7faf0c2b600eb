"""Who gets into the pages of a team, for which organization, and whom or what an address means."""

from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from core.models import User
from crm import access
from crm.models import Invitation, Member, Organization, SalesRep, Team
from crm.services import open_invitations
from dashboard.navigation import Shell
from dashboard.views import person

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Visit:
    """Who looks, and at which organization: None where staff have not chosen one yet."""

    user: User
    is_staff: bool
    organization: Organization | None

    @cached_property
    def owns(self) -> bool:
        """Whether they say who is in it and what it has chosen."""
        return self.organization is not None and access.owns(self.user, self.organization.pk)

    @cached_property
    def is_internal(self) -> bool:
        return access.is_internal(self.user)

    def may(self, act: str, model: type[Model]) -> bool:
        """Tell whether they may do this with rows of this kind in the organization
        that they look at.
        """
        return self.organization is not None and access.may(
            self.user, act, model, self.organization.pk
        )

    @property
    def query(self) -> str:
        """What an address has behind it, to be about the organization that staff look at."""
        if not self.is_staff or self.organization is None:
            return ""
        return f"?{urlencode({'organization': str(self.organization.pk)})}"

    def address(self, name: str) -> str:
        """Return an address that speaks of this organization."""
        return f"{reverse(f'dashboard:{name}')}{self.query}"

    def choices(self) -> list[tuple[str, str]]:
        """Return the organizations that staff choose between;
        nobody else chooses on these pages.
        """
        if not self.is_staff:
            return []
        rows = access.organizations_for(self.user).order_by("name").values_list("pk", "name")
        return [(str(pk), name) for pk, name in rows]


def entered(request: HttpRequest) -> Visit:
    """Let somebody in: 404 for who belongs nowhere, 403 for staff without the permission."""
    shell, user = Shell(request), person(request)
    if not shell.is_staff:
        if shell.current is None:
            raise Http404
        return Visit(user, is_staff=False, organization=shell.current)
    if not user.has_perm("crm.view_member") and not access.memberships_of(user):
        raise PermissionDenied
    return Visit(user, is_staff=True, organization=_asked(request, user) or shell.current)


def owned(request: HttpRequest) -> tuple[Visit, Organization]:
    """Let in who decides on an organization, which staff have to name; 403 for its other people."""
    visit = entered(request)
    if visit.organization is None:
        raise Http404
    if not visit.owns:
        raise PermissionDenied
    return visit, visit.organization


def member(request: HttpRequest, member_id: UUID) -> tuple[Visit, Member]:
    """Return a member whom the person sees: 404 for any other."""
    rows = access.members_for(person(request)).select_related("user", "organization")
    return _at(request, rows, member_id)


def team(request: HttpRequest, team_id: UUID, act: str = "") -> tuple[Visit, Team]:
    """Return a team that the person sees: 404 for any other, 403 where they may not
    do that with it.
    """
    visit, found = _at(
        request, access.teams_for(person(request)).select_related("organization"), team_id
    )
    if act and not visit.may(act, Team):
        raise PermissionDenied
    return visit, found


def rep(request: HttpRequest, rep_id: UUID, act: str = "change") -> tuple[Visit, SalesRep]:
    """Do the same for a rep."""
    rows = access.reps_for(person(request)).select_related("organization", "team", "member__user")
    visit, found = _at(request, rows, rep_id)
    if not visit.may(act, SalesRep):
        raise PermissionDenied
    return visit, found


def invitation(request: HttpRequest, invitation_id: UUID) -> Invitation:
    """Return who is invited and has not come, for those who decide on it: for others nobody is."""
    found = open_invitations().select_related("organization").filter(pk=invitation_id).first()
    if found is None or not access.owns(person(request), found.organization_id):
        raise Http404
    return found


def _at(request: HttpRequest, rows: QuerySet[Row], key: UUID) -> tuple[Visit, Row]:
    found = rows.filter(pk=key).first()
    if found is None:
        raise Http404
    user = person(request)
    organization: Organization = found.organization  # type: ignore[attr-defined]
    return Visit(user, is_staff=access.sees_everything(user), organization=organization), found


def _asked(request: HttpRequest, user: User) -> Organization | None:
    """Return the organization that staff ask for by `?organization=`; 404 for one that is not."""
    asked = request.POST.get("organization") or request.GET.get("organization", "")
    if not asked:
        return None
    try:
        found = access.organizations_for(user).filter(pk=UUID(asked)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found
