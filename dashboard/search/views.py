"""The page of the search, what the palette shows while somebody types, and the same over the API."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import views as api
from dashboard.navigation import Shell
from dashboard.search import operations, people, places, work
from dashboard.search.asking import LONGEST, Asked, Group, Look
from dashboard.views import person

# In this order: what people look for most stands first.
LOOKS: Final[tuple[Look, ...]] = (
    places.pages,
    people.leads,
    people.contacts,
    work.calls,
    work.meetings,
    people.reps,
    operations.workspaces,
    operations.connections,
    operations.incidents,
    operations.runs,
)


def find(asked: Asked) -> list[Group]:
    """Return what is found, by kind; nothing for less than two letters."""
    if not asked.is_enough:
        return []
    return [found for found in (look(asked) for look in LOOKS) if found.hits]


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Show the page: a field, and what is found."""
    return render(request, "dashboard/search/page.html", _found(request))


@require_safe
@login_required
def hits(request: HttpRequest) -> HttpResponse:
    """Show only what is found: the palette asks this at each pause in the typing."""
    return render(request, "dashboard/search/hits.html", _found(request))


@require_safe
@login_required
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Show which keys do what."""
    return render(request, "dashboard/search/shortcuts.html", {"keys": Shell(request).keys})


def _found(request: HttpRequest) -> dict[str, Any]:
    asked = Asked.of(person(request), Shell(request), request.GET.get("q", ""))
    return {"asked": asked, "groups": find(asked)}


class HitSerializer(serializers.Serializer[Any]):
    """One thing that was found, and its page."""

    title = serializers.CharField()
    detail = serializers.CharField()
    url = serializers.CharField(source="href")


class SearchGroupSerializer(serializers.Serializer[Any]):
    """What was found of one kind. `moreUrl`: the page with all of it, '' where this is all."""

    kind = serializers.CharField()
    label = serializers.CharField()
    results = HitSerializer(source="hits", many=True)
    moreUrl = serializers.CharField(source="more")  # noqa: N815


class FoundSerializer(serializers.Serializer[Any]):
    groups = SearchGroupSerializer(many=True)


class SearchView(api.Endpoint):
    """Finds everything that the person may see."""

    @extend_schema(
        operation_id="search",
        tags=["Search"],
        parameters=[OpenApiParameter("q", str, description=f"At least two letters; {LONGEST} count.")],
        responses=FoundSerializer,
    )
    def get(self, request: Request) -> Response:
        """Find pages, people, calls, meetings, reps, workspaces, integrations, incidents and runs."""
        asked = Asked.of(api.person(request), Shell(request), request.query_params.get("q", ""))
        return Response(FoundSerializer({"groups": find(asked)}).data)
