"""Which organization a person of several is looking at, and for which one a request speaks."""

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.errors import NotFound
from core.models import User
from crm import access
from crm.models import Member, Organization

SESSION_KEY: Final = "organization"
NO_SUCH = _("There is no such organization, or it is not yours.")
SAY_WHICH = _("You belong to several organizations, or to none: say which one is meant.")


def current_organization(
    request: HttpRequest, members: list[Member] | None = None
) -> Organization | None:
    """Return what was chosen in this session, while it is still theirs; else their first
    organization.

    `members` where the caller has read the person's memberships already.
    """
    if not isinstance(request.user, User):
        return None
    if members is None:
        members = access.memberships_of(request.user)
    theirs = {member.organization_id: member.organization for member in members}
    chosen = _chosen(request)
    if chosen in theirs:
        return theirs[chosen]
    found = None
    if chosen:
        # An ADMIN and staff look into organizations that they do not belong to.
        found = access.organizations_for(request.user).filter(pk=chosen).first()
    return found or next(iter(theirs.values()), None)


def switch_organization(*, request: HttpRequest, organization_id: UUID) -> Organization:
    """Let this session look at that organization from now on.

    Raise Organization.DoesNotExist when it is not theirs.
    """
    organization = access.organizations_for(request.user).get(pk=organization_id)
    request.session[SESSION_KEY] = str(organization.pk)
    return organization


def look_at_all(request: HttpRequest) -> None:
    """Let the person look at no organization in particular from now on."""
    request.session.pop(SESSION_KEY, None)


def is_chosen(request: HttpRequest, organization: Organization) -> bool:
    """Tell whether the person looks at that organization because they chose it."""
    return _chosen(request) == organization.pk


def organization_meant(request: Any, asked: UUID | None, field: str) -> Organization:
    """Return the organization that a request speaks for: named, chosen in the session, or the only
    one.

    ValidationError under `field` when it names one that the person does not see,
    or none and several could be meant.
    """
    if asked is not None:
        found = access.organizations_for(request.user).filter(pk=asked).first()
        if found is None:
            raise ValidationError({field: ValidationError(NO_SUCH, code="invalid")})
        return found
    members: list[Member] = access.memberships_of(request.user)
    own = {str(member.organization_id): member.organization for member in members}
    chosen = own.get(str(_chosen(request)))
    if chosen is None and len(members) == 1:
        chosen = members[0].organization
    if chosen is None:
        raise ValidationError({field: ValidationError(SAY_WHICH, code="required")})
    return chosen


def organization_addressed(request: Any, asked: UUID | None) -> Organization:
    """Do the same for an address, which names an organization by `?organization=`.

    Raise NotFound for an organization that the person does not see.
    """
    if asked is None:
        return organization_meant(request, None, "organization")
    found = access.organizations_for(request.user).filter(pk=asked).first()
    if found is None:
        raise NotFound
    return found


def _chosen(request: Any) -> UUID | None:
    session = getattr(request, "session", None)
    if session is None:
        return None
    try:
        return UUID(str(session.get(SESSION_KEY)))
    except ValueError:
        return None
