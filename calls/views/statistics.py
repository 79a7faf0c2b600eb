"""`/api/calls/stats`: how many calls, how long, how many attended;
broken down, and beside the span before.
"""

from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from calls import breakdowns, outcomes
from calls import statistics as figures
from calls.cuts import Cut, Span
from calls.models import Call
from calls.serializers import (
    CallGroupSerializer,
    CallStatisticsSerializer,
    LeadFiguresSerializer,
    MeetingFiguresSerializer,
    StatisticsSerializer,
)
from core.api.fields import Id, Moment, OneOf, moment_text
from core.api.filters import TIME, refuse_unknown
from core.api.views import Endpoint

PREVIOUS, MEETINGS, LEADS = "previous", "meetings", "leads"
TIMES: Final = ("from", "to")
INCLUDED: Final = (PREVIOUS, MEETINGS, LEADS)
ID: Final[dict[str, Any]] = {"type": "string", "format": "uuid"}
PARAMETERS: Final = [
    OpenApiParameter("from", TIME, description="Those of this moment and after."),
    OpenApiParameter("to", TIME, description="Those before this moment."),
    OpenApiParameter("organizationId", ID),
    OpenApiParameter("teamId", ID),
    OpenApiParameter("repId", ID),
    OpenApiParameter("source", {"type": "string", "enum": list(Call.Source.values)}),
    OpenApiParameter(
        "groupBy",
        {"type": "string", "enum": list(breakdowns.KINDS)},
        description="What `groups` tells apart.",
    ),
    OpenApiParameter(
        "include",
        {"type": "string"},
        description="What else is answered, with commas between: previous, meetings, leads.",
    ),
]


class Included(serializers.CharField):
    """Names with commas between; only those that there are."""

    def to_internal_value(self, data: Any) -> Any:
        names = {name.strip() for name in str(super().to_internal_value(data)).split(",")} - {""}
        if names - set(INCLUDED):
            raise serializers.ValidationError(
                _("One of: %(names)s.") % {"names": ", ".join(INCLUDED)}
            )
        return names


class AskedOfCalls(serializers.Serializer[Any]):
    """What statistics may be asked for, each optional."""

    def get_fields(self) -> dict[str, Any]:
        # `from` is no name that Python lets an attribute have.
        return {
            "from": Moment(required=False),
            "to": Moment(required=False),
            "organizationId": Id(required=False),
            "teamId": Id(required=False),
            "repId": Id(required=False),
            "source": OneOf(Call.Source.values, required=False),
            "groupBy": OneOf(breakdowns.KINDS, required=False),
            "include": Included(required=False),
        }


class StatisticsView(Endpoint):
    """How many, how long, how many attended."""

    @extend_schema(
        operation_id="callStatistics",
        tags=["Calls"],
        parameters=PARAMETERS,
        responses=CallStatisticsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Count the calls that you may see, in a span of time."""
        refuse_unknown(request, list(AskedOfCalls().fields))
        asking = request.query_params.dict()
        asked = AskedOfCalls(
            data={
                name: value for name, value in asking.items() if value or name not in ("from", "to")
            }
        )
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        cut = Cut(
            request.user,
            wanted.get("organizationId"),
            wanted.get("teamId"),
            tuple(wanted[name] for name in wanted if name == "repId"),
            wanted.get("source", ""),
        )
        span = Span(wanted.get("from"), wanted.get("to"))
        return Response(_answer(cut, span, wanted.get("groupBy", ""), wanted.get("include", ())))


def _answer(cut: Cut, span: Span, by: str, include: Any) -> dict[str, Any]:
    before = span.before()
    counted, _before, _more = figures.count(cut, span)
    meetings = outcomes.meetings_in(cut, span)
    found = dict(StatisticsSerializer(counted.beside(meetings)).data)
    if PREVIOUS in include:
        found[PREVIOUS] = _previous(cut, before)
    if MEETINGS in include:
        found[MEETINGS] = MeetingFiguresSerializer(meetings).data
    if LEADS in include:
        found[LEADS] = LeadFiguresSerializer(counted.leads).data
    if by:
        found["groupBy"] = by
        found["groups"] = CallGroupSerializer(
            breakdowns.groups(cut, by, span, before), many=True
        ).data
    return found


def _previous(cut: Cut, before: Span | None) -> dict[str, Any] | None:
    if before is None:
        return None
    span = {"from": moment_text(before.since), "to": moment_text(before.until)}
    return {**span, **StatisticsSerializer(figures.of(cut, before)).data}
