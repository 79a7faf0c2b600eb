"""A workspace's webhook: switched, checked, repaired, tried; and the deliveries that came in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access
from bison.keys import MustHaveItsOwn, NoKey
from bison.models import Workspace
from bison.serializers.webhooks import (
    ReplayedEventSerializer,
    SampledWebhookSerializer,
    WebhookEventSerializer,
    WorkspaceWebhookSerializer,
    WorkspaceWebhookWishSerializer,
)
from bison.views.permitted import Permitted
from bison.webhooks import events, receiving, registering, sampling, status
from bison.webhooks.hooks import BeingChanged
from core import inbox
from core.api.errors import Conflict
from core.api.fields import Edge
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from core.ids import time_of
from core.models import InboundEvent

TAGS = ["Email Bison"]
CHANGES = limit("bison-webhook", 60)
SAMPLES = limit("bison-webhook-sample", 10)
# Words are looked for in so many days, unless `from` says otherwise.
SEARCHED = timedelta(days=7)
LONGEST_TYPE: Final = 120
TYPE = OpenApiParameter(
    "type",
    {"type": "string", "maxLength": LONGEST_TYPE},
    description="An event's name; dotted ones too.",
)


class _WebhookEndpoint(Permitted, Endpoint):
    """What acts on a workspace's webhook."""

    throttle_classes = [CHANGES]  # noqa: RUF012
    calls_vendor = True
    may_be_unavailable = True

    def workspace(self, workspace_id: UUID) -> Workspace:
        found = Workspace.objects.select_related("instance__account", "organization")
        return get_object_or_404(found, pk=workspace_id)

    def act(self, do: Callable[[], Any]) -> Any:
        """Return what it gives; 409 where the workspace has no key that may be used,
        or another is at its webhook.
        """
        try:
            return do()
        except (MustHaveItsOwn, NoKey) as error:
            raise Conflict("no_key", error.message) from error
        except BeingChanged as error:
            raise Conflict("under_way", error.message) from error


class WebhookView(_WebhookEndpoint):
    """A workspace's webhook."""

    needs: ClassVar = {"GET": access.SEE, "PUT": access.WEBHOOK}

    def get_throttles(self) -> list[Any]:
        if self.request.method == "GET":
            return []
        return super().get_throttles()

    @extend_schema(operation_id="readBisonWebhook", tags=TAGS, responses=WorkspaceWebhookSerializer)
    def get(self, request: Request, workspace_id: UUID) -> Response:
        """How it should be, how it is, and what was otherwise when it was last looked at."""
        return Response(WorkspaceWebhookSerializer(self.workspace(workspace_id)).data)

    @extend_schema(
        operation_id="configureBisonWebhook",
        tags=TAGS,
        request=WorkspaceWebhookWishSerializer,
        responses={200: WorkspaceWebhookSerializer},
    )
    def put(self, request: Request, workspace_id: UUID) -> Response:
        """Switch it on with these events, or off, here and at Email Bison. 502, 504:
        the wish is kept, and the webhook can be repaired once Email Bison answers."""
        workspace = self.workspace(workspace_id)
        form = WorkspaceWebhookWishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        by = {"actor": person(request), "request": request}
        found = self.act(
            lambda: registering.configure(
                workspace, enabled=wish["enabled"], names=wish.get("events"), **by
            )
        )
        return Response(WorkspaceWebhookSerializer(found).data)


class RotateView(_WebhookEndpoint):
    """The secret in the webhook's address."""

    needs: ClassVar = {"POST": access.WEBHOOK}

    @extend_schema(
        operation_id="rotateBisonWebhook",
        tags=TAGS,
        request=Nothing,
        responses={200: WorkspaceWebhookSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Put a new secret in the address, here and at Email Bison.
        What is on its way to the earlier one still comes in for some minutes."""
        workspace = self.workspace(workspace_id)
        found = self.act(
            lambda: registering.rotate(workspace, actor=person(request), request=request)
        )
        return Response(WorkspaceWebhookSerializer(found).data)


class SampleView(_WebhookEndpoint):
    """A sample over the way that deliveries take."""

    needs: ClassVar = {"POST": access.WEBHOOK}
    throttle_classes = [SAMPLES]  # noqa: RUF012

    @extend_schema(
        operation_id="sampleBisonWebhook",
        tags=TAGS,
        request=Nothing,
        responses={200: SampledWebhookSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Have Email Bison send a sample, and wait for it up to ten seconds.
        It is stored, and changes nothing.
        """
        workspace = self.workspace(workspace_id)
        found = self.act(lambda: sampling.sample(workspace, actor=person(request), request=request))
        workspace.sample = found  # type: ignore[attr-defined]
        return Response(SampledWebhookSerializer(workspace).data)


class CheckView(_WebhookEndpoint):
    """What is at Email Bison, against what should be."""

    needs: ClassVar = {"POST": access.WEBHOOK}

    @extend_schema(
        operation_id="checkBisonWebhook",
        tags=TAGS,
        request=Nothing,
        responses={200: WorkspaceWebhookSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Look at once; nothing is changed at Email Bison."""
        workspace = self.workspace(workspace_id)
        found = self.act(
            lambda: registering.check(workspace, triggered_by=str(person(request))[:40])
        )
        status.report(found.instance)
        return Response(WorkspaceWebhookSerializer(found).data)


class RepairView(_WebhookEndpoint):
    """What is at Email Bison, brought to what should be."""

    needs: ClassVar = {"POST": access.WEBHOOK}

    @extend_schema(
        operation_id="repairBisonWebhook",
        tags=TAGS,
        request=Nothing,
        responses={200: WorkspaceWebhookSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Make, change or remove at Email Bison what is otherwise than it should be."""
        workspace = self.workspace(workspace_id)
        found = self.act(
            lambda: registering.repair(workspace, actor=person(request), request=request)
        )
        return Response(WorkspaceWebhookSerializer(found).data)


class EventsView(Permitted, ListEndpoint):
    """Deliveries of Email Bison."""

    needs: ClassVar = {"GET": access.SEE_EVENTS}
    serializer_class = WebhookEventSerializer
    queryset = InboundEvent.objects.none()
    search_in: ClassVar = ["workspace_name", "event_type", "delivery_id", "processing_error"]
    filter_by: ClassVar = {
        "workspace": ("workspace_name", None),
        "status": ("processing_status", InboundEvent.Status.values),
        "from": ("received_at__gte", Edge()),
        "to": ("received_at__lt", Edge(is_end=True)),
    }
    also_asked = ("type",)

    def get_queryset(self) -> QuerySet[InboundEvent]:
        found = InboundEvent.objects.filter(source=receiving.SOURCE_NAME).order_by(
            "-received_at", "-id"
        )
        asked = self.request.query_params
        name = asked.get("type", "")
        if len(name) > LONGEST_TYPE:
            raise ValidationError(
                {"type": [_("At most %(count)s characters.") % {"count": LONGEST_TYPE}]}
            )
        if name:
            found = found.filter(event_type=events.real_name(name) or name.lower())
        if asked.get("search") and not asked.get("from"):
            found = found.filter(received_at__gte=timezone.now() - SEARCHED)
        return found

    @extend_schema(
        operation_id="listBisonWebhookEvents",
        tags=TAGS,
        parameters=[TYPE],
        responses=WebhookEventSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first; words are looked for in the last seven days unless
        `from` says otherwise.
        """
        return super().get(request, **path)


class ReplayView(Permitted, Endpoint):
    """A delivery, once more."""

    needs: ClassVar = {"POST": access.REPLAY}
    throttle_classes = [CHANGES]  # noqa: RUF012

    @extend_schema(
        operation_id="replayBisonWebhookEvent",
        tags=TAGS,
        request=Nothing,
        responses={200: ReplayedEventSerializer},
    )
    def post(self, request: Request, event_id: UUID) -> Response:
        """Work a failed or ignored delivery once more. One that was processed is left alone."""
        wanted = InboundEvent.objects.filter(
            pk=event_id, received_at=time_of(event_id), source=receiving.SOURCE_NAME
        )
        if not wanted.exists():
            raise Http404
        done = inbox.replay([event_id], person(request), request) > 0
        message = _("It is worked once more.")
        if not done:
            message = _("It was worked already, or is about to be: nothing was done.")
        return Response(
            ReplayedEventSerializer({"success": True, "replayed": done, "message": message}).data
        )
