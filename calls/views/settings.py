"""`/api/settings/calls`: whether calls are recorded, and how long recordings are kept."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from calls.serializers import CallSettingsSerializer
from core.api.refusing import Refusing
from core.api.views import Endpoint, person
from crm import services
from crm.views.which import WHICH, organization_owned

TAGS = ["Calls"]


class CallSettingsView(Refusing, Endpoint):
    """What an organization chose for its calls."""

    names_others = True

    @extend_schema(
        operation_id="readCallSettings",
        tags=TAGS,
        parameters=[WHICH],
        responses=CallSettingsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Show what was chosen, to CEO and ADMIN."""
        return Response(
            CallSettingsSerializer(services.settings_of(organization_owned(request))).data
        )

    @extend_schema(
        operation_id="changeCallSettings",
        tags=TAGS,
        parameters=[WHICH],
        request=CallSettingsSerializer(partial=True),
        responses=CallSettingsSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change only what is sent; each change is kept in the audit log."""
        organization = organization_owned(request)
        form = CallSettingsSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        chosen = services.change_settings(
            organization=organization, actor=person(request), request=request, **form.validated_data
        )
        return Response(CallSettingsSerializer(chosen).data)
