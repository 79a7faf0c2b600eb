"""`/api/bison/onboarding`: what is proved of a new client's workspace, and what is open."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access, onboarding
from bison.models import Onboarding, Workspace
from bison.serializers.onboarding import OnboardingChangeSerializer, OnboardingSerializer
from bison.views.permitted import Permitted
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint

TAGS = ["Email Bison"]


class OnboardingsView(Permitted, ListEndpoint):
    """Checklists."""

    needs: ClassVar = {"GET": access.SEE}
    serializer_class = OnboardingSerializer
    queryset = Onboarding.objects.none()
    ordering_by: ClassVar = {
        "workspace_name": "workspace__workspace_name",
        "updated_at": "updated_at",
    }
    search_in: ClassVar = ["workspace__workspace_name"]
    filter_by: ClassVar = {
        "onboarding_status": ("onboarding_status", Onboarding.Status.values),
        "instance": ("workspace__instance__slug", None),
    }

    def get_queryset(self) -> QuerySet[Onboarding]:
        found = Onboarding.objects.filter(workspace__gone_at=None).select_related("workspace")
        return found.order_by("workspace__workspace_name")

    @extend_schema(
        operation_id="listOnboarding", tags=TAGS, responses=OnboardingSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Those that were looked at, by workspace."""
        return super().get(request, **path)


class OnboardingView(Permitted, Endpoint):
    """One workspace's checklist."""

    needs: ClassVar = {"GET": access.SEE, "PATCH": access.CHANGE}

    @extend_schema(operation_id="readOnboarding", tags=TAGS, responses=OnboardingSerializer)
    def get(self, request: Request, workspace_id: UUID) -> Response:
        """What the last look proved; nothing where nobody looked yet."""
        workspace = _workspace(workspace_id)
        row = Onboarding.objects.filter(workspace=workspace).first() or Onboarding(
            workspace=workspace
        )
        return Response(OnboardingSerializer(row).data)

    @extend_schema(
        operation_id="changeOnboarding",
        tags=TAGS,
        request=OnboardingChangeSerializer,
        responses={200: OnboardingSerializer},
    )
    def patch(self, request: Request, workspace_id: UUID) -> Response:
        """Write notes. What a look proves cannot be set by hand: 400."""
        workspace = _workspace(workspace_id)
        form = OnboardingChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = onboarding.write_notes(workspace, form.validated_data["onboarding_notes"])
        return Response(OnboardingSerializer(row).data)


class ProbeOnboardingView(Permitted, Endpoint):
    """A look at everything of one checklist."""

    needs: ClassVar = {"POST": access.TEST}
    may_be_unavailable = True
    throttle_classes = [limit("bison-onboarding", 30)]  # noqa: RUF012

    @extend_schema(
        operation_id="probeOnboarding",
        tags=TAGS,
        request=Nothing,
        responses={200: OnboardingSerializer},
    )
    def post(self, request: Request, workspace_id: UUID) -> Response:
        """Look now. What cannot be asked of the vendor keeps its last answer,
        and `blocked` says so.
        """
        return Response(
            OnboardingSerializer(onboarding.probe(_workspace(workspace_id), trigger="api")).data
        )


def _workspace(workspace_id: UUID) -> Workspace:
    return get_object_or_404(Workspace.objects.select_related("instance__account"), pk=workspace_id)
