"""`/api/dashboard/integrations/{id}/sync`, `/mapping`, `/conflicts`:
contacts there and in Koppel, kept alike.
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

from core.api.errors import NotPermitted
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from integrations import access, contacts
from integrations.models import ContactConflict, Integration
from integrations.serializers.contacts import (
    ContactConflictSerializer,
    ContactSyncSerializer,
    ContactSyncStartedSerializer,
    MappingChangeSerializer,
    MappingSerializer,
    ResolvedSerializer,
    ResolveSerializer,
)
from integrations.views.refusing import TAGS, Refusing, found, to_change

SYNC_LIMIT = limit("contact-sync", 30)


def to_sync(request: Request, integration_id: UUID) -> Integration:
    """Return one that the person may sync: whoever uses it does, and staff who may sync."""
    integration = found(request, integration_id)
    is_staff = access.as_staff(request.user, access.SEE)
    if is_staff and not access.may_change(request.user, integration, access.SYNC):
        raise NotPermitted
    return integration


class ContactSyncView(Refusing, Endpoint):
    """Starts a sync."""

    throttle_classes = [SYNC_LIMIT]  # noqa: RUF012

    @extend_schema(
        operation_id="syncContacts",
        tags=TAGS,
        request=ContactSyncSerializer,
        responses={202: ContactSyncStartedSerializer},
    )
    def post(self, request: Request, integration_id: UUID) -> Response:
        """Start a sync of contacts, or join the open one that does all of this. A dry run writes
        nothing on either side; its numbers are those that the real one then has. The run's `counts`
        has pulled, created, updated, unchanged, conflicts, skipped, pushed and errors."""
        integration = to_sync(request, integration_id)
        form = ContactSyncSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if form.validated_data["dryRun"] and not access.may_change(
            request.user, integration, access.SYNC
        ):
            # Its preview names people, whom somebody who only uses the integration may not see.
            raise NotPermitted
        started = contacts.start_sync(
            integration,
            direction=form.validated_data.get("direction"),
            is_dry=form.validated_data["dryRun"],
            is_full=form.validated_data["full"],
            trigger="api",
            started_by=person(request),
            request=request,
        )
        answer = {
            "runId": started.run.pk,
            "statusUrl": reverse("api_run", kwargs={"run_id": started.run.pk}),
            "joined": not started.is_new,
            "waits": started.waits,
            "message": started.message,
        }
        return Response(ContactSyncStartedSerializer(answer).data, status=202)


class MappingView(Refusing, Endpoint):
    """How contacts are synced."""

    @extend_schema(operation_id="readContactMapping", tags=TAGS, responses=MappingSerializer)
    def get(self, request: Request, integration_id: UUID) -> Response:
        """Which field is which, who wins, and what can be mapped."""
        return Response(MappingSerializer(contacts.described(found(request, integration_id))).data)

    @extend_schema(
        operation_id="changeContactMapping",
        tags=TAGS,
        request=MappingChangeSerializer,
        responses=MappingSerializer,
    )
    def put(self, request: Request, integration_id: UUID) -> Response:
        """Change what was sent. After another mapping the next sync looks at everything anew."""
        integration = to_change(request, integration_id)
        form = MappingChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        entered = form.validated_data
        contacts.choose(
            integration,
            fields=entered.get("fields"),
            direction=entered.get("direction"),
            when_deleted=entered.get("whenDeleted"),
            deletion_limit=entered.get("deletionLimit"),
            actor=person(request),
            request=request,
        )
        return Response(MappingSerializer(contacts.described(integration)).data)


class ContactConflictsView(Refusing, ListEndpoint):
    """What waits for a person."""

    serializer_class = ContactConflictSerializer
    queryset = ContactConflict.objects.none()
    ordering_by: ClassVar = {"openedAt": "opened_at"}

    def get_queryset(self) -> QuerySet[ContactConflict]:
        integration = found(self.request, self.kwargs["integration_id"])
        waiting = contacts.conflicts_for(
            person(self.request), integration, contacts.open_conflicts(integration)
        )
        return waiting.order_by("-opened_at", "-pk")

    @extend_schema(
        operation_id="listContactConflicts",
        tags=TAGS,
        responses=ContactConflictSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Conflicts that nobody has decided, the newest first."""
        return super().get(request, **path)


class ResolveConflictView(Refusing, Endpoint):
    """Decides a conflict."""

    @extend_schema(
        operation_id="resolveContactConflict",
        tags=TAGS,
        request=ResolveSerializer,
        responses=ResolvedSerializer,
    )
    def post(self, request: Request, integration_id: UUID, conflict_id: UUID) -> Response:
        """Keep ours or theirs for all of its fields. What stays in Koppel is sent with the next
        sync; 409 for what was decided already."""
        integration = to_sync(request, integration_id)
        theirs = contacts.conflicts_for(
            person(request), integration, integration.contact_conflicts.all()
        )
        conflict = get_object_or_404(theirs, pk=conflict_id)
        form = ResolveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        contacts.resolve(
            conflict, keep=form.validated_data["keep"], actor=person(request), request=request
        )
        decided = integration.contact_conflicts.select_related("link__contact", "link__lead").get(
            pk=conflict.pk
        )
        shown = ContactConflictSerializer(decided).data
        return Response({"success": True, "message": _("It is decided."), "conflict": shown})
