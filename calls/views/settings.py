"""`/api/settings/calls`: whether calls are recorded, and how long recordings are kept."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from calls.serializers import CallSettingsSerializer
from core.api.errors import NotPermitted
from core.api.fields import Id
from core.api.views import Endpoint, person
from crm import access, current, services
from crm.models import Organization
from crm.views.refusing import Refusing

WHICH = OpenApiParameter("organization", {"type": "string", "format": "uuid"}, description="Where not the own one.")
TAGS = ["Calls"]


def _owned(request: Request) -> Organization:
    """The organization that is meant; NotPermitted for everybody but its CEO, an ADMIN and staff who may."""
    asked = request.query_params.get("organization")
    try:
        chosen = None if asked is None else Id().run_validation(asked)
    except ValidationError as error:
        raise ValidationError({"organization": error.detail}) from error
    organization = current.organization_meant(request, chosen, "organization")
    if not access.owns(request.user, organization.pk):
        raise NotPermitted
    return organization


class CallSettingsView(Refusing, Endpoint):
    """What an organization chose for its calls."""

    @extend_schema(operation_id="readCallSettings", tags=TAGS, parameters=[WHICH], responses=CallSettingsSerializer)
    def get(self, request: Request) -> Response:
        """For CEO and ADMIN."""
        return Response(CallSettingsSerializer(services.settings_of(_owned(request))).data)

    @extend_schema(
        operation_id="changeCallSettings",
        tags=TAGS,
        parameters=[WHICH],
        request=CallSettingsSerializer(partial=True),
        responses=CallSettingsSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Only what is sent is changed; each change is kept in the audit log."""
        organization = _owned(request)
        form = CallSettingsSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        chosen = services.change_settings(
            organization=organization, actor=person(request), request=request, **form.validated_data
        )
        return Response(CallSettingsSerializer(chosen).data)
