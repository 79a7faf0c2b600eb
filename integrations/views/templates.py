"""`/api/dashboard/integrations/templates`: configurations to begin with."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import Endpoint
from integrations import templates
from integrations.serializers.templates import TemplateSerializer
from integrations.views.refusing import TAGS, Refusing


class TemplatesView(Refusing, Endpoint):
    """Ready-made configurations."""

    @extend_schema(
        operation_id="listIntegrationTemplates", tags=TAGS, responses=TemplateSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """Every template: what its configuration leaves out is entered before it is sent."""
        return Response([templates.described(template) for template in templates.TEMPLATES])
