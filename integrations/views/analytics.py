"""How integrations did, and what might be connected next."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import Day
from core.api.filters import refuse_unknown
from core.api.views import Endpoint, person
from crm.views.which import WHICH
from integrations import analytics, recommending
from integrations.serializers.analytics import AnalyticsSerializer, RecommendationSerializer
from integrations.views.refusing import TAGS, Refusing, organization_of, rows_for

DATE = {"type": "string", "format": "date"}
FROM = OpenApiParameter(
    "from", DATE, description="The first day, in UTC; thirty days back where none is named."
)
TO = OpenApiParameter(
    "to", DATE, description="The last day; today where none is named. Ninety days at most."
)


class DaysSerializer(serializers.Serializer[Any]):
    """`?from=&to=`, each optional."""

    def get_fields(self) -> dict[str, Any]:
        # `from` is no name that Python lets an attribute have.
        return {"from": Day(required=False), "to": Day(required=False)}


class AnalyticsView(Refusing, Endpoint):
    """Calls, failures and response times."""

    names_others = True

    @extend_schema(
        operation_id="integrationAnalytics",
        tags=TAGS,
        parameters=[FROM, TO, WHICH],
        responses=AnalyticsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Of each integration that you see, and of each day."""
        refuse_unknown(request, ["from", "to", "organization"])
        days = DaysSerializer().fields
        asked = DaysSerializer(
            data={name: value for name, value in request.query_params.items() if name in days}
        )
        asked.is_valid(raise_exception=True)
        first, last = analytics.span(
            asked.validated_data.get("from"), asked.validated_data.get("to")
        )
        rows = rows_for(request)
        if "organization" in request.query_params:
            rows = rows.filter(organization=organization_of(request))
        return Response(AnalyticsSerializer(analytics.analyse(rows, first, last)).data)


class RecommendationsView(Refusing, Endpoint):
    """What colleagues have connected, and you have not."""

    names_others = True

    @extend_schema(
        operation_id="listRecommendations",
        tags=TAGS,
        parameters=[WHICH],
        responses=RecommendationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Three at most, those that most colleagues use first."""
        refuse_unknown(request, ["organization"])
        found = recommending.recommended(person(request), organization_of(request))
        return Response(RecommendationSerializer(found, many=True).data)
