"""`/api/search`: the same search over the API."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import views as api
from core.api.filters import refuse_unknown
from crm import access
from dashboard.navigation import Shell
from dashboard.search.asking import LONGEST, Asked
from dashboard.search.looking import find


class HitSerializer(serializers.Serializer[Any]):
    """One thing that was found, and its page."""

    title = serializers.CharField()
    detail = serializers.CharField()
    url = serializers.CharField(source="href")


class SearchGroupSerializer(serializers.Serializer[Any]):
    """What was found of one kind. `moreUrl`: the page with all of it, '' where this is all."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    results = HitSerializer(source="hits", many=True)
    moreUrl = serializers.CharField(source="more")  # noqa: N815


class FoundSerializer(serializers.Serializer[Any]):
    groups = SearchGroupSerializer(many=True)


class SearchView(api.Endpoint):
    """Finds everything that the person may see."""

    @extend_schema(
        operation_id="search",
        tags=["Search"],
        parameters=[
            OpenApiParameter("q", str, description=f"At least two letters; {LONGEST} count.")
        ],
        responses=FoundSerializer,
    )
    def get(self, request: Request) -> Response:
        """Find pages, people, calls, meetings, reps, workspaces, integrations,
        incidents and runs.
        """
        refuse_unknown(request, ["q"])
        user = api.person(request)
        access.remember_memberships(user)
        asked = Asked.of(user, Shell(request), request.query_params.get("q", ""))
        return Response(FoundSerializer({"groups": find(asked)}).data)
