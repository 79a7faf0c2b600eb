"""Who I am, and the long work that I may watch."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import runs
from core.api.errors import Conflict, NotPermitted
from core.api.serializers import Nothing, RunSerializer
from core.api.views import Endpoint, ListEndpoint, person
from core.models import Run, User
from crm import access
from crm.serializers.me import MeSerializer


class MeView(Endpoint):
    """The person who asks."""

    @extend_schema(operation_id="readMe", tags=["Me"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Show who I am, where I belong, what I chose."""
        return Response(
            MeSerializer(_with_memberships(person(request)), context={"request": request}).data
        )

    @extend_schema(
        operation_id="changeMe",
        tags=["Me"],
        request=MeSerializer(partial=True),
        responses=MeSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change language, theme or time zone; anything else is left as it is."""
        asking, context = _with_memberships(person(request)), {"request": request}
        form = MeSerializer(asking, data=request.data, partial=True, context=context)
        form.is_valid(raise_exception=True)
        form.save()
        return Response(form.data)


def _with_memberships(user: User) -> User:
    prefetch_related_objects([user], "memberships__organization", "groups")
    return user


class RunListView(ListEndpoint):
    """Syncs, checks and imports, newest first."""

    serializer_class = RunSerializer
    queryset = Run.objects.none()
    ordering_by: ClassVar = {"id": "id", "createdAt": "created_at", "finishedAt": "finished_at"}
    search_in: ClassVar = ["kind"]
    filter_by: ClassVar = {"state": ("state", Run.State.values), "kind": ("kind", None)}

    def get_queryset(self) -> QuerySet[Run]:
        return access.runs_for(self.request.user).order_by("-id")

    @extend_schema(operation_id="listRuns", tags=["Runs"])
    def get(self, request: Request, **path: Any) -> Response:
        """List the runs that you may see, newest first."""
        return super().get(request, **path)


class RunView(Endpoint):
    """One run."""

    @extend_schema(operation_id="readRun", tags=["Runs"], responses=RunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """Show a run's state, progress, counts and evidence."""
        run = access.run_to_follow(request.user, run_id)
        if run is None:
            raise Http404
        return Response(RunSerializer(run).data)


class RunCancelView(Endpoint):
    """Stop a run."""

    @extend_schema(
        operation_id="cancelRun", tags=["Runs"], request=Nothing, responses=RunSerializer
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Ask a run to stop; it keeps what it has done. A run that has ended is 409."""
        Nothing(data=request.data).is_valid(raise_exception=True)
        run = get_object_or_404(access.runs_for(request.user), pk=run_id)
        if not access.may_cancel(request.user, run):
            raise NotPermitted
        if not runs.cancel(run, request.user, request):
            raise Conflict("run_ended", _("This run has ended; there is nothing to stop."))
        return Response(RunSerializer(run).data)
