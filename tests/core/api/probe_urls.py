"""Endpoints as small as can be, to try the ground that all endpoints stand on."""

import time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.urls import handler400
from config.urls import urlpatterns as house
from core.api.errors import ApiError, Conflict
from core.api.permissions import IsStaffWith
from core.api.serializers import RunSerializer
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from core.errors import BadCredentials, Misconfigured, NotFound, RateLimited, Rejected, Temporary
from core.models import Run, User

__all__ = ["handler400", "urlpatterns"]

FAILURES: dict[str, Any] = {
    "temporary": Temporary("fathom"),
    "fault": Temporary("fathom", status=500),
    "limited": RateLimited("fathom", retry_after=7.2),
    "rejected": Rejected("fathom", status=422),
    "credentials": BadCredentials("fathom", status=401),
    "misconfigured": Misconfigured("fathom"),
    "forbidden": PermissionDenied(),
    "absent": NotFound(),
    "conflict": Conflict("taken", "It is taken."),
    "tier": ApiError(
        "TIER_LIMIT", "More needs a higher tier.", status_code=403, requiredTier="TEAM"
    ),
    "bug": RuntimeError("a fault of ours with secret-canary"),
}


class Inner(serializers.Serializer[Any]):
    apiKey = serializers.CharField(min_length=3)  # noqa: N815


class Form(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=10)
    count = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    configuration = Inner(required=False)
    rows = Inner(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["name"] == "both":
            raise serializers.ValidationError("Not both.")
        return attrs


class Failing(Endpoint):
    def get(self, request: Request, what: str) -> Response:
        raise FAILURES[what]


class Echo(Endpoint):
    def post(self, request: Request) -> Response:
        form = Form(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(form.validated_data)


class Count(Endpoint):
    """One effect that can be counted: a letter more in the person's name."""

    def post(self, request: Request) -> Response:
        user = User.objects.get(pk=person(request).pk)
        if request.query_params.get("fail"):
            raise FAILURES[request.query_params["fail"]]
        time.sleep(float(request.query_params.get("wait", 0)))
        Run.objects.create(kind="probe.effect", started_by=user)
        return Response(
            {"effects": Run.objects.count(), "name": request.data.get("name")}, status=201
        )


class Limited(Endpoint):
    throttle_classes = (limit("probe", 10),)

    def get(self, request: Request) -> Response:
        return Response({"ok": True})


class StaffOnly(Endpoint):
    permission_classes = (IsStaffWith("core.view_run"),)

    def get(self, request: Request) -> Response:
        return Response({"ok": True})


class Rows(ListEndpoint):
    serializer_class = RunSerializer
    ordering_by = {"id": "id", "finishedAt": "finished_at", "kind": "kind"}  # noqa: RUF012
    search_in = ["kind", "error"]  # noqa: RUF012
    filter_by = {"state": ("state", Run.State.values)}  # noqa: RUF012

    def get_queryset(self) -> Any:
        return Run.objects.order_by("-id")


@require_POST
def plain(request: HttpRequest) -> HttpResponse:
    """Not REST framework's: Django's own refusals (405, CSRF, size) are met here."""
    return HttpResponse(f"{len(request.POST)}")


def bug(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours with secret-canary")


def absent(request: HttpRequest) -> HttpResponse:
    raise NotFound


urlpatterns = [
    path("api/probe/failing/<str:what>", Failing.as_view()),
    path("api/probe/echo", Echo.as_view()),
    path("api/probe/slashed/", Echo.as_view()),
    path("api/probe/count", Count.as_view()),
    path("api/probe/limited", Limited.as_view()),
    path("api/probe/staff", StaffOnly.as_view()),
    path("api/probe/rows", Rows.as_view()),
    path("api/probe/plain", plain),
    path("calls/probe/plain", plain),
    path("functions/bug", bug),
    path("page/plain", plain),
    path("page/bug", bug),
    path("page/absent", absent),
    *house,
]
