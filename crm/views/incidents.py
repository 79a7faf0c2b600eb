"""Incidents, maintenance and what a person is mailed, over the API."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Case, CharField, QuerySet, Value, When
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.alerts import audience
from core.api.errors import NotPermitted
from core.api.fields import Id
from core.api.refusing import Refusing
from core.api.views import Endpoint, ListEndpoint, person
from core.incidents import sources
from core.models import Incident, MaintenanceWindow
from crm import access
from crm.serializers.incidents import (
    INCIDENT_STATES,
    AcknowledgeRequest,
    IncidentDetailSerializer,
    IncidentSerializer,
    MaintenanceChange,
    MaintenanceSerializer,
    MaintenanceSourcesAnswer,
    NewMaintenance,
    NotificationsSerializer,
    SnoozeRequest,
)
from crm.services import incidents as service


def _with_state(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Put beside each incident its state and where it comes from,
    so that lists can be cut by them.
    """
    now = timezone.now()
    state = Case(
        When(closed_at__isnull=False, then=Value("closed")),
        When(snoozed_until__gt=now, then=Value("snoozed")),
        When(acknowledged_at__isnull=False, then=Value("acknowledged")),
        default=Value("open"),
        output_field=CharField(),
    )
    origins = [
        When(sources.condition(source.key), then=Value(source.key)) for source in sources.declared()
    ]
    origin = Case(*origins, default=Value(""), output_field=CharField())
    return rows.annotate(state_now=state, source_now=origin)


class IncidentListView(ListEndpoint):
    """What is and was wrong."""

    serializer_class = IncidentSerializer
    queryset = Incident.objects.none()
    ordering_by: ClassVar = {"openedAt": "opened_at", "closedAt": "closed_at"}
    search_in: ClassVar = ["title"]
    filter_by: ClassVar = {
        "state": ("state_now", list(INCIDENT_STATES)),
        "open": ("closed_at__isnull", {"true": True, "false": False}),
        "severity": ("severity", Incident.Severity.values),
        "source": ("source_now", None),
        "organizationId": ("organization_id", Id()),
    }

    def get_queryset(self) -> QuerySet[Incident]:
        rows = access.incidents_for(self.request.user).select_related("acknowledged_by")
        return _with_state(rows).order_by("-opened_at")

    @extend_schema(operation_id="listIncidents", tags=["Incidents"])
    def get(self, request: Request, **path: Any) -> Response:
        """List the incidents that you may see, the newest first."""
        return super().get(request, **path)


class IncidentView(Refusing, Endpoint):
    """One incident."""

    @extend_schema(
        operation_id="readIncident", tags=["Incidents"], responses=IncidentDetailSerializer
    )
    def get(self, request: Request, incident_id: UUID) -> Response:
        """Show an incident with what people did about it."""
        return _answer(_incident(request, incident_id), request)


class IncidentAcknowledgeView(Refusing, Endpoint):
    """Acknowledge an incident."""

    @extend_schema(
        operation_id="acknowledgeIncident",
        tags=["Incidents"],
        request=AcknowledgeRequest,
        responses=IncidentDetailSerializer,
    )
    def post(self, request: Request, incident_id: UUID) -> Response:
        """Say that you look after it. 409 `already_attended` says who was first,
        `incident_closed` that it is over.
        """
        found = _attended(request, incident_id)
        asked = AcknowledgeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        note = asked.validated_data.get("note", "")
        return _answer(
            service.acknowledge(found, actor=person(request), note=note, request=request), request
        )


class IncidentSnoozeView(Refusing, Endpoint):
    """Snooze an incident."""

    @extend_schema(
        operation_id="snoozeIncident",
        tags=["Incidents"],
        request=SnoozeRequest,
        responses=IncidentDetailSerializer,
    )
    def post(self, request: Request, incident_id: UUID) -> Response:
        """Be silent about it `until` a moment of the next 30 days, unless it becomes critical;
        null wakes it.
        """
        found = _attended(request, incident_id)
        asked = SnoozeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        until = asked.validated_data["until"]
        return _answer(
            service.snooze(found, until, actor=person(request), request=request), request
        )


def _incident(request: Request, incident_id: UUID) -> Incident:
    found = access.incidents_for(request.user).select_related("acknowledged_by", "snoozed_by")
    return get_object_or_404(found, pk=incident_id)


def _attended(request: Request, incident_id: UUID) -> Incident:
    found = _incident(request, incident_id)
    if not service.may_attend(request.user, found):
        raise NotPermitted
    return found


def _answer(incident: Incident, request: Request) -> Response:
    return Response(IncidentDetailSerializer(incident, context={"request": request}).data)


class MaintenanceListView(Refusing, ListEndpoint):
    """Maintenance windows."""

    serializer_class = MaintenanceSerializer
    queryset = MaintenanceWindow.objects.none()
    ordering_by: ClassVar = {"startsAt": "starts_at", "endsAt": "ends_at"}
    search_in: ClassVar = ["subject_name", "reason"]
    json_names: ClassVar = {"starts": "startsAt", "ends": "endsAt", "subject": "source"}

    def get_queryset(self) -> QuerySet[MaintenanceWindow]:
        return service.windows_for(self.request.user).order_by("-starts_at")

    @extend_schema(operation_id="listMaintenance", tags=["Incidents"])
    def get(self, request: Request, **path: Any) -> Response:
        """List the maintenance windows of what you run, the latest first."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="planMaintenance",
        tags=["Incidents"],
        request=NewMaintenance,
        responses={201: MaintenanceSerializer},
    )
    def post(self, request: Request) -> Response:
        """Plan a window over one of /api/maintenance/sources:
        its alerts are silent until `endsAt`.
        """
        if not service.plans(request.user):
            raise NotPermitted
        asked = NewMaintenance(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        window = service.plan(
            values["source"],
            values.get("sourceId", ""),
            starts=values["startsAt"],
            ends=values["endsAt"],
            reason=values["reason"],
            actor=person(request),
            request=request,
        )
        return Response(MaintenanceSerializer(window).data, status=status.HTTP_201_CREATED)


class MaintenanceView(Refusing, Endpoint):
    """One maintenance window."""

    json_names: ClassVar = {"starts": "startsAt", "ends": "endsAt"}

    @extend_schema(
        operation_id="readMaintenance", tags=["Incidents"], responses=MaintenanceSerializer
    )
    def get(self, request: Request, window_id: UUID) -> Response:
        """Show a window."""
        return Response(MaintenanceSerializer(_window(request, window_id)).data)

    @extend_schema(
        operation_id="changeMaintenance",
        tags=["Incidents"],
        request=MaintenanceChange,
        responses=MaintenanceSerializer,
    )
    def patch(self, request: Request, window_id: UUID) -> Response:
        """Move a window or say better what it is for. 409 `maintenance_over` once it has ended."""
        window = _window(request, window_id, changes=True)
        asked = MaintenanceChange(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        changed = service.change_window(
            window,
            starts=values.get("startsAt"),
            ends=values.get("endsAt"),
            reason=values.get("reason"),
            actor=person(request),
            request=request,
        )
        return Response(MaintenanceSerializer(changed).data)

    @extend_schema(operation_id="endMaintenance", tags=["Incidents"], responses={204: None})
    def delete(self, request: Request, window_id: UUID) -> Response:
        """End a window now, and tell what is still wrong; one that has not begun is taken back."""
        service.end_window(
            _window(request, window_id, changes=True), actor=person(request), request=request
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


def _window(request: Request, window_id: UUID, *, changes: bool = False) -> MaintenanceWindow:
    window = get_object_or_404(service.windows_for(request.user), pk=window_id)
    if changes and not service.may_change_window(request.user, window):
        raise NotPermitted
    return window


class MaintenanceSourcesView(Endpoint):
    """What maintenance can be of."""

    @extend_schema(
        operation_id="listMaintenanceSources",
        tags=["Incidents"],
        responses=MaintenanceSourcesAnswer,
    )
    def get(self, request: Request) -> Response:
        """List what you may plan maintenance of: instances, workspaces, integrations,
        organizations.
        """
        found = service.plannable(request.user) if service.plans(request.user) else []
        return Response(MaintenanceSourcesAnswer({"results": found}).data)


class NotificationsView(Endpoint):
    """What the asking person is mailed."""

    @extend_schema(operation_id="readNotifications", tags=["Me"], responses=NotificationsSerializer)
    def get(self, request: Request) -> Response:
        """Show which news you are mailed; nothing stands in it where none can concern you."""
        return Response({"email": audience.choices_of(person(request))})

    @extend_schema(
        operation_id="changeNotifications",
        tags=["Me"],
        request=NotificationsSerializer(partial=True),
        responses=NotificationsSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Choose; what is not named is left as it is."""
        asked = NotificationsSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        user = person(request)
        wanted = asked.validated_data.get("email", {})
        return Response({"email": audience.choose(user, wanted, actor=user, request=request)})
