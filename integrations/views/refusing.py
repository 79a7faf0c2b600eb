"""What integrations' services refuse, as the API answers it;
and how a view finds the integration it is about.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import refusing
from core.api.errors import NotPermitted
from core.api.views import person
from crm.models import Organization
from crm.views.which import organization_asked
from integrations import access
from integrations.models import Integration
from integrations.services.creating import NotForRole
from integrations.tiers import TierLimit

TAGS = ["Integrations"]


class _AsTheyAre(dict[str, str]):
    """The names of fields in JSON are those of the services."""

    def get(self, key: Any, default: Any = None) -> Any:
        return key


class Refusing(refusing.Refusing):
    """A tier that does not reach is 403 `TIER_LIMIT`."""

    json_names = _AsTheyAre()

    def handle_exception(self, exc: Exception) -> Response:
        error = exc
        if isinstance(exc, TierLimit):
            error = NotPermitted("TIER_LIMIT", str(exc), requiredTier=exc.required or None)
        elif isinstance(exc, NotForRole):
            error = NotPermitted(message=str(exc))
        return super().handle_exception(error)


def rows_for(request: Request) -> QuerySet[Integration]:
    """Return the integrations that the person sees, with all that an answer shows."""
    rows = access.integrations_for(request.user).select_related("account", "owner", "organization")
    return rows.prefetch_related("account__secrets")


def found(request: Request, integration_id: UUID) -> Integration:
    """Return one that the person sees, or 404."""
    return get_object_or_404(rows_for(request), pk=integration_id)


def to_change(
    request: Request, integration_id: UUID, permission: str = access.CHANGE
) -> Integration:
    """Return one that the person may change: 404 where they do not see it,
    403 where they only use it.
    """
    integration = found(request, integration_id)
    if not access.may_change(request.user, integration, permission):
        raise NotPermitted
    return integration


def organization_of(request: Request) -> Organization:
    """Return the organization that the request speaks for, by `?organization=` or the person's own.

    Nobody connects anything for an organization that they do not belong to.
    """
    organization = organization_asked(request)
    is_member = organization.members.filter(user=person(request)).exists()
    if not is_member and not access.as_staff(request.user, access.CHANGE):
        raise NotPermitted
    return organization
