"""`/api/dashboard/integrations/demos` and `/widget-script`:
demos at Chatwoot, and the script of their widget.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from crm.views.which import WHICH
from integrations.helpdesk import demos, desks, widgets
from integrations.models import Demo
from integrations.serializers.demos import (
    AskedDemoSerializer,
    DemoSerializer,
    NewDemoSerializer,
    WidgetScriptSerializer,
    WidgetWishSerializer,
)
from integrations.views.refusing import TAGS, Refusing, organization_of

DEMO_LIMIT = limit("helpdesk-demo", 20)


def demo_found(request: Request, demo_id: UUID) -> Demo:
    """Return a demo that the person sees, or 404."""
    return get_object_or_404(demos.demos_for(person(request)), pk=demo_id)


class DemosView(Refusing, ListEndpoint):
    """Demos of the person."""

    names_others = True
    serializer_class = DemoSerializer
    queryset = Demo.objects.none()
    throttle_classes = [DEMO_LIMIT]  # noqa: RUF012
    ordering_by: ClassVar = {"createdAt": "created_at", "name": "name"}
    search_in: ClassVar = ["name", "website_url"]
    also_asked: ClassVar = ("organization",)

    def get_throttles(self) -> list[Any]:
        if self.request.method != "POST":
            return []
        return super().get_throttles()

    def get_queryset(self) -> QuerySet[Demo]:
        rows = demos.demos_for(person(self.request)).order_by("-created_at", "-pk")
        if "organization" in self.request.query_params:
            rows = rows.filter(organization=organization_of(self.request))
        return rows

    @extend_schema(
        operation_id="listDemos", tags=TAGS, parameters=[WHICH], responses=DemoSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """The newest first."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="createDemo",
        tags=TAGS,
        parameters=[WHICH],
        request=NewDemoSerializer,
        responses={201: AskedDemoSerializer, 202: AskedDemoSerializer},
    )
    def post(self, request: Request) -> Response:
        """Have a demo made: 202 with the run that makes it;
        201 for the same wish once it is there.
        """
        organization = organization_of(request)
        form = NewDemoSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        desk = desks.serving(person(request), organization, wish.get("integration"))
        asked = demos.ask(
            desk,
            person(request),
            name=wish["name"],
            website_url=wish["websiteUrl"],
            request=request,
        )
        return _answer(request, asked)


class DemoView(Refusing, Endpoint):
    """One of them."""

    calls_vendor = True
    may_be_unavailable = True

    @extend_schema(operation_id="readDemo", tags=TAGS, responses=DemoSerializer)
    def get(self, request: Request, demo_id: UUID) -> Response:
        return Response(DemoSerializer(demo_found(request, demo_id)).data)

    @extend_schema(operation_id="deleteDemo", tags=TAGS, request=None, responses={204: None})
    def delete(self, request: Request, demo_id: UUID) -> Response:
        """Delete it at Chatwoot and here. What could not be deleted there is kept here too."""
        demos.remove(demo_found(request, demo_id), actor=person(request), request=request)
        return Response(status=204)


class WidgetScriptView(Refusing, Endpoint):
    """The script of a demo's widget."""

    names_others = True

    @extend_schema(
        operation_id="makeWidgetScript",
        tags=TAGS,
        parameters=[WHICH],
        request=WidgetWishSerializer,
        responses=WidgetScriptSerializer,
    )
    def post(self, request: Request) -> Response:
        """Return what is pasted into a website. From the tier STARTER on."""
        widgets.require_tier(organization_of(request))
        form = WidgetWishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        demo = demo_found(request, wish["demoId"])
        look = widgets.look_of(
            position=wish["position"],
            type=wish["type"],
            launcher_title=wish["launcherTitle"],
            locale=wish.get("locale") or "",
        )
        return Response({"script": widgets.script_for(demo, look)})


def _answer(request: Request, asked: demos.Asked) -> Response:
    """Answer with the demo, and the run that makes it."""
    shown = dict(DemoSerializer(demo_found(request, asked.demo.pk)).data)
    run: dict[str, Any] = {
        "runId": None,
        "statusUrl": None,
        "message": _("This demo is there already."),
    }
    if asked.started is None:
        return Response(shown | run, status=201)
    made_by = asked.started.run.pk
    run = {
        "runId": str(made_by),
        "statusUrl": reverse("api_run", kwargs={"run_id": made_by}),
        "message": asked.started.message,
    }
    return Response(shown | run, status=202)
