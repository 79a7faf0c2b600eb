"""The JSON of incidents, of maintenance windows and of what a person is mailed, in camelCase."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import Flag, Moment, Text
from core.incidents import attending, maintenance, sources, subjects
from core.models import Incident, IncidentNote, MaintenanceWindow
from crm import access

INCIDENT_STATES = ("open", "acknowledged", "snoozed", "closed")


class IncidentSerializer(serializers.Serializer[Incident]):
    """One incident as the asking person reads it: `affected`, `cause` and `facts` where
    that is their business.
    """

    id = serializers.UUIDField()
    state = serializers.CharField(help_text="open, acknowledged, snoozed or closed")
    severity = serializers.ChoiceField(choices=Incident.Severity.choices)
    title = serializers.CharField(source="headline")
    whatToDo = serializers.SerializerMethodField()  # noqa: N815
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    organizationId = serializers.UUIDField(source="organization_id", allow_null=True)  # noqa: N815
    affected = serializers.SerializerMethodField()
    timesSeen = serializers.IntegerField(source="times_seen")  # noqa: N815
    openedAt = serializers.DateTimeField(source="opened_at")  # noqa: N815
    lastSeenAt = serializers.DateTimeField(source="last_seen_at")  # noqa: N815
    closedAt = serializers.DateTimeField(source="closed_at", allow_null=True)  # noqa: N815
    acknowledgedAt = serializers.DateTimeField(source="acknowledged_at", allow_null=True)  # noqa: N815
    acknowledgedBy = serializers.SerializerMethodField()  # noqa: N815
    note = serializers.CharField()
    snoozedUntil = serializers.SerializerMethodField()  # noqa: N815
    inMaintenance = serializers.SerializerMethodField()  # noqa: N815

    def get_whatToDo(self, incident: Incident) -> str:  # noqa: N802
        if not self._is_staff and incident.notice:
            return incident.notice
        return incident.advice

    def get_source(self, incident: Incident) -> str:
        source = sources.of(incident.cause)
        return source.key if source else ""

    def get_affected(self, incident: Incident) -> list[str]:
        # Whom an incident of everybody hits is for staff.
        if self._is_staff or incident.organization_id:
            return [str(name) for name in incident.affected]
        return []

    def get_acknowledgedBy(self, incident: Incident) -> str:  # noqa: N802
        if incident.acknowledged_at is None:
            return ""
        return attending.name_of(incident.acknowledged_by)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_snoozedUntil(self, incident: Incident) -> Any:  # noqa: N802
        return incident.snoozed_until if incident.is_snoozed else None

    def get_inMaintenance(self, incident: Incident) -> bool:  # noqa: N802
        return incident.closed_at is None and any(
            window.covers(incident) for window in self._windows
        )

    @cached_property
    def _windows(self) -> list[MaintenanceWindow]:
        """Return what is in maintenance now: asked for once for all rows."""
        return maintenance.running()

    @property
    def _is_staff(self) -> bool:
        return access.sees_everything(self.context["request"].user)


class IncidentNoteSerializer(serializers.Serializer[IncidentNote]):
    """One line of an incident's history."""

    kind = serializers.ChoiceField(choices=IncidentNote.Kind.choices)
    at = serializers.DateTimeField()
    by = serializers.SerializerMethodField()
    text = serializers.CharField()

    def get_by(self, note: IncidentNote) -> str:
        return attending.name_of(note.by) if note.by else ""


class IncidentDetailSerializer(IncidentSerializer):
    """One incident with its history; `cause` and `facts` are for staff, and empty for others."""

    cause = serializers.SerializerMethodField()
    facts = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()

    def get_cause(self, incident: Incident) -> str:
        return incident.cause if self._is_staff else ""

    @extend_schema_field(serializers.DictField())
    def get_facts(self, incident: Incident) -> Any:
        return incident.facts if self._is_staff else {}

    @extend_schema_field(IncidentNoteSerializer(many=True))
    def get_notes(self, incident: Incident) -> Any:
        return IncidentNoteSerializer(list(incident.notes.select_related("by")), many=True).data  # type: ignore[arg-type]


class AcknowledgeRequest(serializers.Serializer[Any]):
    note = Text(max_length=1000, required=False, allow_blank=True)


class SnoozeRequest(serializers.Serializer[Any]):
    """`until` null wakes it."""

    until = Moment(allow_null=True)


class MaintenanceSerializer(serializers.Serializer[MaintenanceWindow]):
    """One maintenance window. `source` and `sourceId` name what it is about,
    as /api/maintenance/sources lists them.
    """

    id = serializers.UUIDField()
    state = serializers.CharField(help_text="planned, running or over")
    source = serializers.CharField(source="subject_kind")  # type: ignore[assignment]
    sourceId = serializers.CharField(source="subject_key")  # noqa: N815
    name = serializers.CharField(source="subject_name")
    organizationId = serializers.UUIDField(source="organization_id", allow_null=True)  # noqa: N815
    startsAt = serializers.DateTimeField(source="starts_at")  # noqa: N815
    endsAt = serializers.DateTimeField(source="ends_at")  # noqa: N815
    reason = serializers.CharField()
    madeBy = serializers.SerializerMethodField()  # noqa: N815
    createdAt = serializers.DateTimeField(source="created_at")  # noqa: N815

    def get_madeBy(self, window: MaintenanceWindow) -> str:  # noqa: N802
        return attending.name_of(window.made_by) if window.made_by else ""


class NewMaintenance(serializers.Serializer[Any]):
    source = Text(max_length=40)  # type: ignore[assignment]
    sourceId = Text(max_length=200, required=False, allow_blank=True)  # noqa: N815
    startsAt = Moment()  # noqa: N815
    endsAt = Moment()  # noqa: N815
    reason = Text(max_length=500)


class MaintenanceChange(serializers.Serializer[Any]):
    startsAt = Moment(required=False)  # noqa: N815
    endsAt = Moment(required=False)  # noqa: N815
    reason = Text(max_length=500, required=False)


class MaintenanceSourceSerializer(serializers.Serializer[Any]):
    """What a window can be planned over."""

    source = serializers.CharField(source="kind")  # type: ignore[assignment]
    sourceId = serializers.CharField(source="key")  # noqa: N815
    name = serializers.CharField()
    kind = serializers.SerializerMethodField()
    organizationId = serializers.UUIDField(source="organization_id", allow_null=True)  # noqa: N815

    def get_kind(self, subject: Any) -> str:
        return subjects.word_of(subject.kind)


class MaintenanceSourcesAnswer(serializers.Serializer[Any]):
    results = MaintenanceSourceSerializer(many=True)


class EmailChoices(serializers.Serializer[Any]):
    """Which news a person is mailed; those that cannot concern them are left out."""

    incident_critical = Flag(required=False)
    incident_warning = Flag(required=False)
    daily_summary = Flag(required=False)


class NotificationsSerializer(serializers.Serializer[Any]):
    """What a person is told of, by each way there is."""

    email = EmailChoices()
