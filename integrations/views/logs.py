"""`/api/dashboard/integrations/{id}/logs`: what was asked of the service for this integration."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import Id, Moment
from core.api.views import ListEndpoint
from core.models import ApiCall
from core.outgoing.pages import LogPages
from integrations.views.refusing import TAGS, Refusing, found


class IntegrationCallSerializer(serializers.Serializer[Any]):
    """One attempt. `success` is null for an answer that was expected and is no success, and for what was not sent."""

    id = Id()
    endpoint = serializers.CharField()
    method = serializers.CharField()
    statusCode = serializers.IntegerField(source="status_code", allow_null=True)
    responseTimeMs = serializers.IntegerField(source="response_time_ms")
    success = serializers.BooleanField(allow_null=True)
    outcome = serializers.ChoiceField(choices=["succeeded", "neutral", "failed"])
    errorMessage = serializers.CharField(source="error_message")
    purpose = serializers.CharField(source="function_name")
    triggeredBy = serializers.CharField(source="triggered_by")
    attempt = serializers.IntegerField()
    runId = Id(source="run_id", allow_null=True)
    createdAt = Moment(source="created_at")


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
