"""`?organization=`: which organization an address speaks of, where it is not the person's own."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.serializers import ValidationError

from core.api.errors import NotPermitted
from core.api.fields import Id
from crm import access, current
from crm.models import Organization

WHICH = OpenApiParameter(
    "organization", {"type": "string", "format": "uuid"}, description="Where not the own one."
)


def organization_asked(request: Request) -> Organization:
    """Return the organization that is meant; 404 for one that does not exist or is not theirs."""
    asked = request.query_params.get("organization")
    chosen = None
    try:
        if asked is not None:
            chosen = Id().run_validation(asked)
    except ValidationError as error:
        raise ValidationError({"organization": error.detail}) from error
    return current.organization_addressed(request, chosen)


def organization_owned(request: Request) -> Organization:
    """Do the same, for what is only for its CEO, an ADMIN and staff who may."""
    organization = organization_asked(request)
    if not access.owns(request.user, organization.pk):
        raise NotPermitted
    return organization
