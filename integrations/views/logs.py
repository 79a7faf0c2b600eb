"""`/api/dashboard/integrations/{id}/logs`: what was asked of the service for this integration."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ListEndpoint
from core.models import ApiCall
from core.outgoing.pages import LogPages
from integrations.serializers.calls import IntegrationCallSerializer
from integrations.views.refusing import TAGS, Refusing, found


class IntegrationLogsView(Refusing, ListEndpoint):
    """Calls made for one integration."""

    serializer_class = IntegrationCallSerializer
    queryset = ApiCall.objects.none()
    pagination_class = LogPages
    filter_backends: Any = ()
    also_asked: ClassVar = ("pageSize", "cursor")

    def get_queryset(self) -> QuerySet[ApiCall]:
        integration = found(self.request, self.kwargs["integration_id"])
        self.since = integration.created_at
        return ApiCall.objects.filter(integration_id=integration.pk)

    @extend_schema(operation_id="listIntegrationLogs", tags=TAGS, responses=IntegrationCallSerializer(many=True))
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first."""
        return super().get(request, **path)
