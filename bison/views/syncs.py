"""`/api/bison/syncs`, and what they brought: e-mail accounts, campaigns, replies."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access
from bison.models import Campaign, EmailAccount, Reply
from bison.serializers.started import RunStartedSerializer, answer_of
from bison.serializers.syncs import (
    CampaignSerializer,
    EmailAccountSerializer,
    ReplySerializer,
    Status,
    SyncSerializer,
)
from bison.syncs.starting import start_sync
from bison.views.permitted import Permitted
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person

TAGS = ["Email Bison"]
WORKSPACE = ("workspace__workspace_name", None)
INSTANCE = ("workspace__instance__slug", None)


class SyncsView(Permitted, Endpoint):
    """Syncs of workspaces."""

    needs: ClassVar = {"POST": access.SYNC}
    throttle_classes = [limit("bison-sync", 30)]  # noqa: RUF012

    @extend_schema(
        operation_id="startBisonSync",
        tags=TAGS,
        request=SyncSerializer,
        responses={202: RunStartedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start one, or join the open one that does all of this. The run's
        `evidence.workspaces` says of each workspace how many the vendor has, how many are here,
        and whether that is proved."""
        form = SyncSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        started = start_sync(
            wish["kind"],
            instance=wish.get("instance") or None,
            workspaces=wish.get("workspaces"),
            first=wish.get("from"),
            last=wish.get("to"),
            trigger="api",
            started_by=person(request),
        )
        return Response(RunStartedSerializer(answer_of(started)).data, status=202)


class EmailAccountsView(Permitted, ListEndpoint):
    """E-mail accounts that workspaces list."""

    needs: ClassVar = {"GET": access.SEE}
    serializer_class = EmailAccountSerializer
    queryset = EmailAccount.objects.none()
    ordering_by: ClassVar = {"email": "email", "seen_at": "seen_at"}
    search_in: ClassVar = ["email", "name"]
    filter_by: ClassVar = {
        "workspace": WORKSPACE,
        "instance": INSTANCE,
        "status": ("status", Status()),
    }

    def get_queryset(self) -> QuerySet[EmailAccount]:
        listed = EmailAccount.objects.filter(gone_at=None)
        return listed.select_related("workspace__instance").order_by("email", "pk")

    @extend_schema(
        operation_id="listBisonEmailAccounts",
        tags=TAGS,
        responses=EmailAccountSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """By address; without those that their workspace lists no more."""
        return super().get(request, **path)


class CampaignsView(Permitted, ListEndpoint):
    """Campaigns that workspaces list."""

    needs: ClassVar = {"GET": access.SEE}
    serializer_class = CampaignSerializer
    queryset = Campaign.objects.none()
    ordering_by: ClassVar = {"name": "name", "seen_at": "seen_at"}
    search_in: ClassVar = ["name"]
    filter_by: ClassVar = {
        "workspace": WORKSPACE,
        "instance": INSTANCE,
        "status": ("status", Status()),
    }

    def get_queryset(self) -> QuerySet[Campaign]:
        listed = Campaign.objects.filter(gone_at=None)
        return listed.select_related("workspace__instance").order_by("name", "pk")

    @extend_schema(
        operation_id="listBisonCampaigns", tags=TAGS, responses=CampaignSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """By name; without those that their workspace lists no more."""
        return super().get(request, **path)


class RepliesView(Permitted, ListEndpoint):
    """Replies to campaigns."""

    needs: ClassVar = {"GET": access.SEE}
    serializer_class = ReplySerializer
    queryset = Reply.objects.none()
    ordering_by: ClassVar = {"date_received": "received_at", "seen_at": "seen_at"}
    search_in: ClassVar = ["from_email", "from_name", "subject"]
    filter_by: ClassVar = {
        "workspace": WORKSPACE,
        "instance": INSTANCE,
        "interested": ("is_interested", {"true": True, "false": False}),
    }

    def get_queryset(self) -> QuerySet[Reply]:
        rows = Reply.objects.select_related("workspace__instance").defer("raw")
        return rows.order_by("-received_at", "-pk")

    @extend_schema(operation_id="listBisonReplies", tags=TAGS, responses=ReplySerializer(many=True))
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first."""
        return super().get(request, **path)
