"""`/api/bison/runway`: how long each workspace can go on."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access
from bison.models import Workspace
from bison.runway import computing
from bison.serializers.runway import RunwaySerializer
from bison.serializers.started import RunStartedSerializer, answer_of
from bison.views.permitted import Permitted
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person

TAGS = ["Email Bison"]


class RunwayView(Permitted, ListEndpoint):
    """The runway of every workspace."""

    needs: ClassVar = {"GET": access.SEE}
    serializer_class = RunwaySerializer
    queryset = Workspace.objects.none()
    ordering_by: ClassVar = {
        "dry_on": "runway__dry_on",
        "workspace_name": "workspace_name",
        "leads_left": "runway__leads_left",
        "senders_down": "runway__senders_down",
    }
    search_in: ClassVar = ["workspace_name"]
    filter_by: ClassVar = {
        "workspace": ("workspace_name", None),
        "instance": ("instance__slug", None),
    }

    def get_queryset(self) -> QuerySet[Workspace]:
        found = Workspace.objects.filter(gone_at=None).select_related("instance", "runway")
        return found.order_by("runway__dry_on", "workspace_name")

    @extend_schema(operation_id="listRunways", tags=TAGS, responses=RunwaySerializer(many=True))
    def get(self, request: Request, **path: Any) -> Response:
        """Whoever runs dry first comes first; last those of whom no day is known."""
        return super().get(request, **path)


class ComputeRunwayView(Permitted, Endpoint):
    """The computation of runways."""

    needs: ClassVar = {"POST": access.SYNC}
    throttle_classes = [limit("bison-runway", 10)]  # noqa: RUF012

    @extend_schema(
        operation_id="computeRunways",
        tags=TAGS,
        request=Nothing,
        responses={202: RunStartedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Compute all anew, or join the run that does."""
        started = computing.start(started_by=person(request), trigger="api")
        return Response(RunStartedSerializer(answer_of(started)).data, status=202)
