"""`/api/dashboard/integrations/{id}/webhook`: whether Chatwoot tells us of what happens there."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, person
from integrations.helpdesk import hooks
from integrations.serializers.webhooks import RegisteredWebhookSerializer
from integrations.views.refusing import TAGS, Refusing, to_change

WEBHOOK_LIMIT = limit("integration-webhook", 20)


class WebhookView(Refusing, Endpoint):
    """Our webhook at Chatwoot."""

    calls_vendor = True
    may_be_unavailable = True
    throttle_classes = [WEBHOOK_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="registerIntegrationWebhook", tags=TAGS, request=Nothing, responses=RegisteredWebhookSerializer
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Have Chatwoot tell us what happens to contacts, so that they are synced soon after; twice is the same."""
        integration = to_change(request, integration_id)
        row = hooks.register(integration, actor=person(request), request=request)
        answer: dict[str, Any] = {"success": True, "isRegistered": True, "isSigned": row.secret is not None}
        answer["message"] = _("Chatwoot tells Koppel of changed contacts now.")
        if row.secret is None:
            answer["message"] = _("This Chatwoot is too old to sign what it sends: nothing of it is taken. Update it.")
        return Response(answer)

    @extend_schema(operation_id="removeIntegrationWebhook", tags=TAGS, request=None, responses={204: None})
    def delete(self, request: Request, integration_id: UUID) -> Response:
        """Remove it there and here."""
        hooks.remove(to_change(request, integration_id), actor=person(request), request=request)
        return Response(status=204)
