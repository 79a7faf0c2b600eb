"""`/api/crm/availability`, and what was done with one meeting."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit
from core.api.fields import Id, Moment, moment_text
from core.api.filters import refuse_unknown
from core.api.views import Endpoint, person
from core.models import AuditEvent
from crm import access
from crm.services import availability, changes
from crm.views.refusing import Refusing

# ruff: noqa: N815

TAGS = ["CRM"]
LONGEST: Final = timedelta(days=62)
TOO_LONG = _("At most 62 days at once.")
ENDS_FIRST = _("It has to end after it starts.")
# What an entry says beside who did what and when.
FACTS: Final = {
    "starts_at": "startsAt",
    "ends_at": "endsAt",
    "time_zone": "timeZone",
    "starts_before": "previousStartsAt",
    "ends_before": "previousEndsAt",
    "closer": "closer",
    "closer_before": "previousCloser",
    "before": "previousStatus",
    "changed": "changed",
    "outcome": "outcome",
    "outcome_before": "previousOutcome",
}
MOMENT = {"type": "string", "format": "date-time"}
ASKED = [
    OpenApiParameter(
        "closer", {"type": "string", "format": "uuid"}, required=True, description="A member's id."
    ),
    OpenApiParameter("from", MOMENT, required=True),
    OpenApiParameter("to", MOMENT, required=True),
]


class BusySerializer(serializers.Serializer[Any]):
    """A time that is taken. Which meeting it is, is said to those who may see it."""

    startsAt = Moment()
    endsAt = Moment()
    appointmentId = Id(allow_null=True)


class AvailabilitySerializer(serializers.Serializer[Any]):
    closerId = Id()
    busy = BusySerializer(many=True)


class HistoryEntrySerializer(serializers.Serializer[Any]):
    at = Moment()
    action = serializers.CharField()
    description = serializers.CharField(help_text="The action in the reader's language.")
    actor = serializers.CharField(
        help_text="The name with which they sign in; empty for what no person did."
    )
    facts = serializers.DictField(
        help_text="What was changed: times, people or status before and after."
    )


class HistorySerializer(serializers.Serializer[Any]):
    appointmentId = Id()
    results = HistoryEntrySerializer(many=True)


class Span(serializers.Serializer[Any]):
    """What the address asks for."""

    closer = Id()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Moment(), "to": Moment()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["to"] <= attrs["from"]:
            raise serializers.ValidationError({"to": [ENDS_FIRST]})
        if attrs["to"] - attrs["from"] > LONGEST:
            raise serializers.ValidationError({"to": [TOO_LONG]})
        return attrs


class AvailabilityView(Refusing, Endpoint):
    """When a closer is busy."""

    names_others = True

    @extend_schema(
        operation_id="readAvailability",
        tags=TAGS,
        parameters=ASKED,
        responses=AvailabilitySerializer,
    )
    def get(self, request: Request) -> Response:
        """List when this member meets leads, in a span of 62 days at most."""
        refuse_unknown(request, list(Span().fields))
        span = Span(data=request.query_params.dict())
        span.is_valid(raise_exception=True)
        asked = span.validated_data
        closer = get_object_or_404(access.members_for(person(request)), pk=asked["closer"])
        times = availability.busy(closer, asked["from"], asked["to"])
        seen = access.appointments_for(person(request)).filter(
            pk__in=[each.appointment_id for each in times]
        )
        known = set(seen.values_list("pk", flat=True))
        return Response(
            {"closerId": str(closer.pk), "busy": [_busy(each, known) for each in times]}
        )


class AppointmentHistoryView(Refusing, Endpoint):
    """What was done with one meeting."""

    @extend_schema(operation_id="readAppointmentHistory", tags=TAGS, responses=HistorySerializer)
    def get(self, request: Request, record_id: UUID) -> Response:
        """List who booked, moved, changed or cancelled it or set its outcome, the newest first;
        fifty at most.
        """
        meeting = get_object_or_404(access.appointments_for(person(request)), pk=record_id)
        return Response(
            {
                "appointmentId": str(meeting.pk),
                "results": [_entry(row) for row in changes.history(meeting)],
            }
        )


def _busy(each: availability.Busy, known: Iterable[UUID]) -> dict[str, Any]:
    identifier = None
    if each.appointment_id in known:
        identifier = str(each.appointment_id)
    return {
        "startsAt": moment_text(each.starts_at),
        "endsAt": moment_text(each.ends_at),
        "appointmentId": identifier,
    }


def _entry(row: AuditEvent) -> dict[str, Any]:
    return {
        "at": moment_text(row.at),
        "action": row.action,
        "description": str(audit.ACTIONS.get(row.action, row.action)),
        "actor": row.actor_name,
        "facts": {FACTS[name]: value for name, value in row.facts.items() if name in FACTS},
    }
