"""`/api/bison/instances`: the hosts, their super-admin keys,
and the search for their workspaces.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bison import access, instances
from bison.instances import discovering, saving
from bison.models import Instance
from bison.serializers.instances import (
    InstanceChangeSerializer,
    InstanceSerializer,
    NewInstanceSerializer,
    SavedInstanceSerializer,
    UseKeySerializer,
)
from bison.serializers.started import RunStartedSerializer, answer_of
from bison.views.keys import SAVE_LIMIT
from bison.views.permitted import Permitted
from bison.views.workspaces import TAGS
from core import vendors
from core.api.serializers import Nothing
from core.api.views import Endpoint, ListEndpoint, person


def _instance(instance_id: UUID) -> Instance:
    return get_object_or_404(Instance.objects.select_related("account"), pk=instance_id)


def _saved(instance: Instance, saved: vendors.Saved, status: int = 200) -> Response:
    instance.refresh_from_db()
    return Response(SavedInstanceSerializer(instance, context={"saved": saved}).data, status=status)


class InstancesView(Permitted, ListEndpoint):
    """The hosts that Email Bison runs on."""

    needs: ClassVar = {"GET": access.SEE_INSTANCES, "POST": access.CHANGE_INSTANCES}
    serializer_class = InstanceSerializer
    queryset = Instance.objects.none()
    ordering_by: ClassVar = {"name": "name", "slug": "slug"}
    search_in: ClassVar = ["name", "slug"]
    filter_by: ClassVar = {"slug": ("slug", None)}
    may_be_unavailable = True

    def get_queryset(self) -> QuerySet[Instance]:
        return Instance.objects.select_related("account").order_by("name", "pk")

    @extend_schema(
        operation_id="listBisonInstances", tags=TAGS, responses=InstanceSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Every instance, by its name."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="addBisonInstance",
        tags=TAGS,
        request=NewInstanceSerializer,
        responses={201: SavedInstanceSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add an instance with its address and super-admin key, and try them."""
        form = NewInstanceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        entered = dict(form.validated_data)
        slug, name = entered.pop("slug"), entered.pop("name")
        saved = saving.add(slug, name, entered, actor=person(request), request=request)
        return _saved(Instance.objects.select_related("account").get(slug=slug), saved, 201)


class InstanceView(Permitted, Endpoint):
    """One instance."""

    needs: ClassVar = {"GET": access.SEE_INSTANCES, "PATCH": access.CHANGE_INSTANCES}
    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    def get_throttles(self) -> list[Any]:
        if self.request.method == "GET":
            return []
        return super().get_throttles()

    @extend_schema(operation_id="readBisonInstance", tags=TAGS, responses=InstanceSerializer)
    def get(self, request: Request, instance_id: UUID) -> Response:
        return Response(InstanceSerializer(_instance(instance_id)).data)

    @extend_schema(
        operation_id="changeBisonInstance",
        tags=TAGS,
        request=InstanceChangeSerializer,
        responses={200: SavedInstanceSerializer},
    )
    def patch(self, request: Request, instance_id: UUID) -> Response:
        """Change it. A new key takes a working one's place only once it worked."""
        instance = _instance(instance_id)
        form = InstanceChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return _saved(
            instance,
            saving.change(instance, form.validated_data, actor=person(request), request=request),
        )


class DiscoverView(Permitted, Endpoint):
    """The search for workspaces."""

    needs: ClassVar = {"POST": access.DISCOVER}

    @extend_schema(
        operation_id="discoverBisonWorkspaces",
        tags=TAGS,
        request=Nothing,
        responses={202: RunStartedSerializer},
    )
    def post(self, request: Request, instance_id: UUID) -> Response:
        """Give every workspace at the vendor an entry, and mark those that are gone there;
        nothing is deleted.
        """
        started = discovering.start(
            _instance(instance_id), trigger="api", started_by=person(request)
        )
        return Response(RunStartedSerializer(answer_of(started)).data, status=202)


class UseKeyView(Permitted, Endpoint):
    """The switch between the main and the backup key."""

    needs: ClassVar = {"POST": access.USE_KEY}
    throttle_classes = [SAVE_LIMIT]  # noqa: RUF012
    may_be_unavailable = True

    @extend_schema(
        operation_id="useBisonKey",
        tags=TAGS,
        request=UseKeySerializer,
        responses={200: SavedInstanceSerializer},
    )
    def post(self, request: Request, instance_id: UUID) -> Response:
        """Use the main or the backup key from now on, and try it."""
        instance = _instance(instance_id)
        form = UseKeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        saved = instances.use_key(
            instance, form.validated_data["key"], actor=person(request), request=request
        )
        return _saved(instance, saved)
