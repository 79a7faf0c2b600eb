"""`/api/bison/workspaces`: the registry, and what people change of an entry."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access, instances, registry
from bison.models import Workspace
from bison.models.instances import Health
from bison.serializers.workspaces import WorkspaceChangeSerializer, WorkspaceSerializer
from bison.views.permitted import Permitted
from core.api.views import Endpoint, ListEndpoint, person

TAGS = ["Email Bison"]


def workspace_of(workspace_id: UUID) -> Workspace:
    """Return the entry with its instance, or raise Http404."""
    return get_object_or_404(Workspace.objects.select_related("instance__account"), pk=workspace_id)


def context() -> dict[str, Any]:
    """Return what the serializer of entries has to know once for all of them."""
    return {"with_shared_key": instances.with_active_key()}


class WorkspacesView(Permitted, ListEndpoint):
    """The registry."""

    needs: ClassVar = {"GET": access.SEE}
    serializer_class = WorkspaceSerializer
    queryset = Workspace.objects.none()
    ordering_by: ClassVar = {
        "workspace_name": "workspace_name",
        "created_at": "created_at",
        "api_health_status": "api_health_status",
        "bison_api_key_status": "bison_api_key_status",
    }
    search_in: ClassVar = ["workspace_name", "api_notes", "bison_api_key_name"]
    filter_by: ClassVar = {
        "instance": ("instance__slug", None),
        "key_status": ("bison_api_key_status", Workspace.KeyStatus.values),
        "health": ("api_health_status", Health.values),
    }

    def get_queryset(self) -> QuerySet[Workspace]:
        return Workspace.objects.select_related("instance").order_by("workspace_name")

    def get_serializer_context(self) -> dict[str, Any]:
        found = dict(super().get_serializer_context())
        if getattr(self, "swagger_fake_view", False):
            return found
        return {**found, **context()}

    @extend_schema(
        operation_id="listBisonWorkspaces", tags=TAGS, responses=WorkspaceSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Every workspace, by its name. Those that Email Bison lists no more have `gone_at`."""
        return super().get(request, **path)


class WorkspaceView(Permitted, Endpoint):
    """One workspace's entry."""

    needs: ClassVar = {"GET": access.SEE, "PATCH": access.CHANGE}

    @extend_schema(operation_id="readBisonWorkspace", tags=TAGS, responses=WorkspaceSerializer)
    def get(self, request: Request, workspace_id: UUID) -> Response:
        return Response(WorkspaceSerializer(workspace_of(workspace_id), context=context()).data)

    @extend_schema(
        operation_id="changeBisonWorkspace",
        tags=TAGS,
        request=WorkspaceChangeSerializer,
        responses={200: WorkspaceSerializer},
    )
    def patch(self, request: Request, workspace_id: UUID) -> Response:
        """Notes, whether it needs a key of its own, whose it is, and what is known of its key."""
        workspace = workspace_of(workspace_id)
        form = WorkspaceChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        registry.change(workspace, form.validated_data, actor=person(request), request=request)
        return Response(WorkspaceSerializer(workspace_of(workspace_id), context=context()).data)
