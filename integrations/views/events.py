"""Events out: `/api/dashboard/integrations/webhook-events` and what is done with one endpoint."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from integrations import access
from integrations.events import acting, endpoints
from integrations.events.catalogue import KINDS, NAMES_OF_EVENTS
from integrations.models import Delivery, Integration
from integrations.serializers.events import (
    DeliverySerializer,
    EventKindSerializer,
    RecoveredSerializer,
    RecoveryWishSerializer,
    RotatedSecretSerializer,
    SampledSerializer,
    SampleWishSerializer,
)
from integrations.views.refusing import TAGS, Refusing, found, to_change

SAMPLE_LIMIT = limit("event-sample", 10)
# Thirty days of events may be a million.
RECOVER_LIMIT = limit("event-recover", 10)


def endpoint_of(
    request: Request, integration_id: UUID, permission: str | None = None
) -> Integration:
    """Return an endpoint that the person sees, or may change; 404 for what is none."""
    if permission is None:
        integration = found(request, integration_id)
    else:
        integration = to_change(request, integration_id, permission)
    if integration.provider != endpoints.PROVIDER:
        raise Http404
    return integration


def _by(request: Request) -> dict[str, Any]:
    return {"actor": person(request), "request": request}


class EventCatalogueView(Refusing, Endpoint):
    """Every event."""

    @extend_schema(
        operation_id="listEventKinds", tags=TAGS, responses=EventKindSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """What is sent to endpoints, each with its JSON schema and an example."""
        return Response(EventKindSerializer(KINDS, many=True).data)


class SampleView(Refusing, Endpoint):
    """Tries an endpoint."""

    throttle_classes = [SAMPLE_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="sendSampleEvent",
        tags=TAGS,
        request=SampleWishSerializer,
        responses=SampledSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Send the example of an event now, signed as any other;
        200 whatever comes of it. Ten a minute.
        """
        integration = endpoint_of(request, integration_id, access.REPLAY)
        form = SampleWishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        delivery = acting.sample(integration, form.validated_data["event"], **_by(request))
        shown = DeliverySerializer(delivery).data
        is_taken = delivery.state == Delivery.State.SENT
        message = shown["error"] or _("The endpoint took it.")
        return Response({"success": is_taken, "message": message, "delivery": shown})


class DeliveriesView(Refusing, ListEndpoint):
    """What is owed to one endpoint, and what came of it."""

    serializer_class = DeliverySerializer
    queryset = Delivery.objects.none()
    filter_by: ClassVar = {
        "state": ("state", list(Delivery.State.values)),
        "event": ("event__name", list(NAMES_OF_EVENTS)),
    }

    def get_queryset(self) -> QuerySet[Delivery]:
        integration = endpoint_of(self.request, self.kwargs["integration_id"])
        return Delivery.objects.filter(integration=integration).select_related("event")

    @extend_schema(
        operation_id="listDeliveries", tags=TAGS, responses=DeliverySerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first; kept for 30 days."""
        return super().get(request, **path)


class ReplayView(Refusing, Endpoint):
    """Sends one again."""

    @extend_schema(
        operation_id="replayDelivery", tags=TAGS, request=Nothing, responses=SampledSerializer
    )
    def post(self, request: Request, integration_id: UUID, delivery_id: UUID) -> Response:
        """Send a delivery again, whatever came of it; the receiver knows it by its `webhook-id`."""
        integration = endpoint_of(request, integration_id, access.REPLAY)
        rows = Delivery.objects.filter(integration=integration).select_related("event")
        delivery = get_object_or_404(rows, pk=delivery_id)
        acting.replay(integration, [delivery.pk], **_by(request))
        shown = DeliverySerializer(rows.get(pk=delivery.pk)).data
        return Response({"success": True, "message": _("It is sent again."), "delivery": shown})


class RecoverView(Refusing, Endpoint):
    """Sends everything since a moment."""

    throttle_classes = [RECOVER_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="recoverEvents",
        tags=TAGS,
        request=RecoveryWishSerializer,
        responses={200: RecoveredSerializer, 202: RecoveredSerializer},
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Send all events since a moment that the endpoint subscribes to, also those that it took.
        30 days at most.
        """
        integration = endpoint_of(request, integration_id, access.REPLAY)
        form = RecoveryWishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        owed = acting.recover(integration, form.validated_data["since"], **_by(request))
        message = ngettext(
            "%(count)d event is sent.", "%(count)d events are sent.", owed.events
        ) % {"count": owed.events}
        answer = {
            "success": True,
            "message": message,
            "deliveries": owed.events,
            "runId": None,
            "statusUrl": None,
        }
        if owed.started is None:
            return Response(answer)
        run_id = owed.started.run.pk
        place = {"runId": str(run_id), "statusUrl": reverse("api_run", kwargs={"run_id": run_id})}
        return Response(answer | place | {"message": owed.started.message}, status=202)


class RotateSecretView(Refusing, Endpoint):
    """Exchanges the secret."""

    @extend_schema(
        operation_id="rotateWebhookSecret",
        tags=TAGS,
        request=Nothing,
        responses=RotatedSecretSerializer,
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Make another signing secret, shown this once. For a day the one before it signs too."""
        integration = endpoint_of(request, integration_id, access.CHANGE)
        secret = acting.rotate_secret(integration, **_by(request))
        return Response({"secret": secret, "previousUntil": timezone.now() + endpoints.ROTATES_FOR})
