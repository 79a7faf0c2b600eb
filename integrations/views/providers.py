"""`/api/dashboard/integrations/providers`: what can be connected, and the fields of each form."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import Endpoint
from integrations import registry
from integrations.serializers.integrations import ProviderSerializer
from integrations.services.describing import described
from integrations.views.refusing import TAGS, Refusing


class ProvidersView(Refusing, Endpoint):
    """What can be connected."""

    @extend_schema(operation_id="listProviders", tags=TAGS, responses=ProviderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every service with its fields, as its form shows them."""
        return Response([described(provider) for provider in registry.providers()])
