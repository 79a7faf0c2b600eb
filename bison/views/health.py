"""`/api/bison/health`: how many workspaces are well, and how calls go."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access, health
from bison.serializers.health import BisonHealthSerializer, BisonSeriesSerializer, SeriesAsked
from core.api.filters import refuse_unknown
from core.api.views import Endpoint
from core.outgoing.charts import DAY, MOST_HOURS, Hour

TAGS = ["Email Bison"]
ASKED = [
    OpenApiParameter(
        "workspace", {"type": "string", "maxLength": 200}, description="A workspace's name."
    ),
    OpenApiParameter(
        "hours",
        {"type": "integer", "minimum": 1, "maximum": MOST_HOURS, "default": DAY},
        description="So far back, the hour under way included.",
    ),
]


class SummaryView(Endpoint):
    """How many workspaces are healthy, degraded, failing or unknown."""

    @extend_schema(operation_id="readBisonHealth", tags=TAGS, responses=BisonHealthSerializer)
    def get(self, request: Request) -> Response:
        """Counts and percents."""
        access.require(request.user, access.SEE)
        refuse_unknown(request, [])
        return Response(BisonHealthSerializer(health.summary()).data)


class SeriesView(Endpoint):
    """How calls went, by the hour."""

    @extend_schema(
        operation_id="readBisonHealthSeries",
        tags=TAGS,
        parameters=ASKED,
        responses=BisonSeriesSerializer,
    )
    def get(self, request: Request) -> Response:
        """Calls, failures, success rate and response times of each hour, the oldest first."""
        access.require(request.user, access.SEE)
        refuse_unknown(request, ["workspace", "hours"])
        form = SeriesAsked(data=request.query_params.dict())
        form.is_valid(raise_exception=True)
        workspace = form.validated_data.get("workspace", "")
        hours = health.series(form.validated_data["hours"], workspace)
        return Response(BisonSeriesSerializer(_body(workspace, hours)).data)


def _body(workspace: str, hours: list[Hour]) -> dict[str, Any]:
    total = Hour(hours[0].hour)
    for hour in hours:
        total.add(hour.calls, hour.successes, hour.failures, hour.steps.items())
    return {"workspace": workspace or None, "hours": len(hours), "total": total, "results": hours}
