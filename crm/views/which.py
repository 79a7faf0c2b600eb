"""`?organization=`: which organization an address speaks of, where it is not the person's own."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.serializers import ValidationError

from core.api.errors import NotPermitted
from core.api.fields import Id
from crm import access, current
from crm.models import Organization

WHICH = OpenApiParameter("organization", {"type": "string", "format": "uuid"}, description="Where not the own one.")


def organization_asked(request: Request) -> Organization:
    """The organization that is meant; 404 for one that is not there or not theirs."""
    asked = request.query_params.get("organization")
    try:
        chosen = None if asked is None else Id().run_validation(asked)
    except ValidationError as error:
        raise ValidationError({"organization": error.detail}) from error
    return current.organization_addressed(request, chosen)


def organization_owned(request: Request) -> Organization:
    """The same, for what only its CEO, an ADMIN and staff who may are told and do."""
    organization = organization_asked(request)
    if not access.owns(request.user, organization.pk):
        raise NotPermitted
    return organization
