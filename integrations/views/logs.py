"""`/api/dashboard/integrations/{id}/logs`: what was asked of the service for this integration."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ListEndpoint
from core.models import ApiCall
from core.outgoing.pages import LogPages
from integrations import logged
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
        self.integration = found(self.request, self.kwargs["integration_id"])
        self.since = self.integration.created_at
        return logged.of(self.integration, self.request.user)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        logged.hide(page or [], self.integration, self.request.user)
        return page

    @extend_schema(
        operation_id="listIntegrationLogs",
        tags=TAGS,
        responses=IntegrationCallSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first. Colleagues whom it is shared with read no e-mail addresses in it."""
        return super().get(request, **path)
