"""`/api/calls`: the library, one call, what was said in it, and the meetings to come."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from calls import recordings, search, transcripts
from calls.access import calls_for, may_work, of_team
from calls.models import Call, Transcript
from calls.people import read_stays
from calls.serializers import CallSerializer, TranscriptSerializer
from calls.services import outcomes
from calls.work_serializers import CallChangesSerializer
from core.api.errors import NotPermitted
from core.api.fields import Id, Moment
from core.api.filters import MAX_SEARCH, Filters, Ordering, Search
from core.api.reading import rows_of
from core.api.refusing import Refusing
from core.api.views import Endpoint, ListEndpoint, person
from crm.access import leads_for
from crm.models import Appointment, Lead, SalesRep
from crm.refusals import NOT_THERE
from crm.serializers.records import AppointmentSerializer
from crm.views.crm import APPOINTMENTS, AppointmentListView

TAGS = ["Calls"]


class Seconds(serializers.IntegerField):
    """A length that is asked for: a whole number of seconds."""

    text_format = "int64"

    def __init__(self) -> None:
        super().__init__(min_value=0, max_value=2**31 - 1)


class Words(Search):
    """`?search=` in titles, summaries and transcripts, as on the web: "a phrase", or, -not."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        return search.matching(super().filter_queryset(request, queryset, view), words_of(request))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": "search", "in": "query", "schema": {"type": "string", "maxLength": MAX_SEARCH}}
        ]


def words_of(request: Request) -> str:
    return str(request.query_params.get("search", ""))


def all_but_the_name(relation: str, model: type[Model]) -> list[str]:
    """Return the columns of a related row that an answer with its id and name can do without."""
    return [
        f"{relation}__{field.name}"
        for field in model._meta.concrete_fields
        if field.name not in ("id", "name")
    ]


NOT_SHOWN = (
    *("data", "share_url", "content_hash", "as_of", "match_locked", "room_sid", "checked_at"),
    *("created_at", "updated_at", "outcome_set_at", "lead_set_at"),
    *all_but_the_name("rep", SalesRep),
    *all_but_the_name("lead", Lead),
)


def shown(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Fetch what the answer shows of a call's own row; what belongs to it is read
    for a page at once.
    """
    transcripts_of_it = Transcript.objects.filter(call=OuterRef("pk"))
    together = calls.select_related("rep", "lead")
    return together.annotate(has_transcript=Exists(transcripts_of_it)).defer(*NOT_SHOWN)


def read_what_belongs(calls: Sequence[Call]) -> None:
    """Read who was in these calls and what was recorded: a query each,
    however many calls there are.
    """
    read_stays(calls)
    recordings.read_recordings(calls)


class CallListView(ListEndpoint):
    """The library."""

    serializer_class = CallSerializer
    queryset = Call.objects.none()
    filter_backends = (Ordering, Words, Filters)
    ordering_by: ClassVar = {
        "startedAt": "happened_at",
        "durationSeconds": "duration_seconds",
        "title": "title",
    }
    filter_by: ClassVar = {
        "organizationId": ("organization_id", Id()),
        "repId": ("rep_id", Id()),
        "rep": ("rep_id", Id()),
        "teamId": (of_team, Id()),
        "leadId": ("lead_id", Id()),
        "lead": ("lead_id", Id()),
        "appointmentId": ("appointment_id", Id()),
        "source": ("source", list(Call.Source.values)),
        "status": ("status", list(Call.Status.values)),
        "outcome": ("outcome__iexact", None),
        "from": ("happened_at__gte", Moment()),
        "to": ("happened_at__lt", Moment()),
        "minSeconds": ("duration_seconds__gte", Seconds()),
        "maxSeconds": ("duration_seconds__lte", Seconds()),
    }

    @extend_schema(operation_id="listCalls", tags=TAGS, responses=CallSerializer(many=True))
    def get(self, request: Request, **_path: Any) -> Response:
        """List the calls that you may see, newest first; a call that has not begun stands where it
        is planned.
        """
        page: Any = self.paginate_queryset(self.filter_queryset(shown(calls_for(request.user))))
        read_what_belongs(page)
        context = {"places": search.places([call.pk for call in page], words_of(request))}
        return self.get_paginated_response(rows_of(CallSerializer, page, context))


class CallView(Refusing, Endpoint):
    """One call."""

    json_names: ClassVar[Mapping[str, str]] = {"lead": "leadId"}

    @extend_schema(operation_id="readCall", tags=TAGS, responses=CallSerializer)
    def get(self, request: Request, call_id: UUID) -> Response:
        """Show one call, with a link to its recording that works for a few minutes."""
        return self._answer(request, call_id)

    @extend_schema(
        operation_id="changeCall",
        tags=TAGS,
        request=CallChangesSerializer,
        responses=CallSerializer,
    )
    def patch(self, request: Request, call_id: UUID) -> Response:
        """Say what came of a call, and whom it was with. No source changes it after that."""
        call = get_object_or_404(calls_for(request.user).defer("data"), pk=call_id)
        if not may_work(request.user, call):
            raise NotPermitted
        form = CallChangesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        with transaction.atomic():
            if "lead_id" in values:
                lead = _lead(request, call, values["lead_id"])
                outcomes.set_lead(
                    call, lead, was=call.lead_id, actor=person(request), request=request
                )
            if "outcome" in values:
                outcomes.set_outcome(
                    call,
                    values["outcome"],
                    was=call.outcome,
                    actor=person(request),
                    request=request,
                )
        return self._answer(request, call_id)

    def _answer(self, request: Request, call_id: UUID) -> Response:
        call = get_object_or_404(shown(calls_for(request.user)), pk=call_id)
        read_what_belongs([call])
        return Response(
            rows_of(CallSerializer, [call], {"with_link": True, "with_insights": True})[0]
        )


def _lead(request: Request, call: Call, lead_id: UUID | None) -> Lead | None:
    """Return the lead that was chosen, if this person sees it; None for none."""
    if lead_id is None:
        return None
    lead = leads_for(request.user, call.organization_id).filter(pk=lead_id).first()
    if lead is None:
        raise ValidationError({"lead": ValidationError(NOT_THERE, code="invalid")})
    return lead


class TranscriptView(Endpoint):
    """What was said in one call."""

    @extend_schema(operation_id="readTranscript", tags=TAGS, responses=TranscriptSerializer)
    def get(self, request: Request, call_id: UUID) -> Response:
        """Show what was said in a call; empty where there is no transcript."""
        found = calls_for(request.user).prefetch_related(transcripts.with_states())
        call = get_object_or_404(found.select_related("transcript"), pk=call_id)
        transcript = getattr(call, "transcript", None) or Transcript(call=call)
        state, reason = "none", ""
        if (writing := transcripts.state_of(call)) is not None:
            state, reason = writing.state, transcripts.reason_of(writing)
        shown = {
            "callId": call.pk,
            "language": call.language,
            "segments": transcript.segments,
            "text": transcript.text,
            "state": state,
            "reason": reason,
        }
        return Response(TranscriptSerializer(shown).data)


class CallAppointmentsView(ListEndpoint):
    """The meetings that a call may come of."""

    serializer_class = AppointmentSerializer
    queryset = Appointment.objects.none()
    ordering_by: ClassVar = {"startsAt": "starts_at"}
    filter_by = AppointmentListView.filter_by

    @extend_schema(
        operation_id="listCallAppointments", tags=TAGS, responses=AppointmentSerializer(many=True)
    )
    def get(self, request: Request, **_path: Any) -> Response:
        """List the meetings that you may see, each with whether you may join now."""
        page: Any = self.paginate_queryset(self.filter_queryset(APPOINTMENTS.visible(request)))
        return self.get_paginated_response(APPOINTMENTS.json(request, page))
