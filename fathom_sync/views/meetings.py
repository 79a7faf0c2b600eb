"""`/api/fathom`: start a sync, read the ledger, see what waits and say whose it is,
try aliases out.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import runs
from core.api.errors import Conflict, NotPermitted
from core.api.fields import UUID_FORM, Day, Id
from core.api.pagination import CursorPages
from core.api.refusing import Refusing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from crm import access, addresses, current
from crm.models import Organization, SalesRep
from fathom_sync import access as fathom
from fathom_sync.meetings import assigning, simulating
from fathom_sync.models import FathomMeeting, LedgerDay
from fathom_sync.serializers.meetings import (
    MOST_REPS,
    AssignedSerializer,
    AssignSerializer,
    LedgerDaySerializer,
    MeetingSerializer,
    ProposalSerializer,
    SimulationSerializer,
    StartedSerializer,
    SyncWishSerializer,
)
from fathom_sync.syncs import starting

TAGS = ["Fathom"]
NO_ACCOUNT = "not_configured"


def answer_of(started: runs.Started) -> dict[str, Any]:
    """Return the answer to whoever started long work."""
    return {
        "runId": started.run.pk,
        "statusUrl": reverse("api_run", kwargs={"run_id": started.run.pk}),
        "joined": not started.is_new,
        "waits": started.waits,
        "message": started.message,
    }


class FathomSyncView(Refusing, Endpoint):
    """Fetch from Fathom now."""

    names_others = True
    throttle_classes = [limit("fathom-sync", 30)]  # noqa: RUF012

    @extend_schema(
        operation_id="startFathomSync",
        tags=TAGS,
        request=SyncWishSerializer,
        responses={202: StartedSerializer},
    )
    def post(self, request: Request) -> Response:
        """For one rep, for an organization, or (staff) for the installation. A sync that is under
        way already is joined where it does all of this, else followed by this one."""
        form = SyncWishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        started = _start(request, form.validated_data)
        return Response(StartedSerializer(answer_of(started)).data, status=202)


class LedgerView(ListEndpoint):
    """What Fathom lists against what is here."""

    serializer_class = LedgerDaySerializer
    queryset = LedgerDay.objects.none()
    ordering_by: ClassVar = {"day": "day"}
    filter_by: ClassVar = {
        "rep": ("rep_id", Id()),
        "organizationId": ("organization_id", Id()),
        "from": ("day__gte", Day()),
        "to": ("day__lte", Day()),
    }

    def get_queryset(self) -> QuerySet[LedgerDay]:
        return fathom.ledger_for(self.request.user).select_related("rep")

    @extend_schema(
        operation_id="readFathomLedger", tags=TAGS, responses=LedgerDaySerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Per rep and day, the newest day first. `from` and `to` are days, both included."""
        return super().get(request, **path)


class NewestFirst(CursorPages):
    """What has no time comes after all that has one."""

    null_is_least = frozenset({"created_at"})


class UnmatchedView(ListEndpoint):
    """Meetings that are not in the library."""

    pagination_class = NewestFirst

    serializer_class = MeetingSerializer
    queryset = FathomMeeting.objects.none()
    ordering_by: ClassVar = {"createdAt": "created_at"}
    search_in: ClassVar = ["title", "recorder", "recorder_name"]
    filter_by: ClassVar = {
        "reason": ("reason", list(FathomMeeting.REASONS)),
        "outcome": ("outcome", ["skipped", "error", "missing"]),
        "recorder": ("recorder", None),
        "organizationId": ("organization_id", Id()),
    }

    def get_queryset(self) -> QuerySet[FathomMeeting]:
        waiting = fathom.meetings_for(self.request.user).exclude(
            outcome=FathomMeeting.Outcome.IMPORTED
        )
        return waiting.defer("raw", "raw_hash").order_by("-created_at", "-id")

    @extend_schema(
        operation_id="listUnmatchedMeetings", tags=TAGS, responses=MeetingSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """Each with the reason why, the newest first."""
        return super().get(request, **path)


class AssignView(Refusing, Endpoint):
    """Say whose meetings are."""

    names_others = True

    @extend_schema(
        operation_id="assignMeetings",
        tags=TAGS,
        request=AssignSerializer,
        responses={200: AssignedSerializer},
    )
    def post(self, request: Request) -> Response:
        """They become this rep's calls, and no rule takes them away.
        `remember`: so does all of the same address.
        """
        form = AssignSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        rep = _rep(request, wish["repId"])
        if not fathom.may_assign(request.user, rep):
            raise NotPermitted
        if wish["remember"] and not fathom.may_remember(request.user, rep):
            raise NotPermitted
        meetings = _meetings(request, set(wish["ids"]), rep)
        done = assigning.assign(
            meetings, rep, remember=wish["remember"], actor=person(request), request=request
        )
        words = ngettext(
            "%(count)d call is in the library now.",
            "%(count)d calls are in the library now.",
            done.calls,
        )
        message = words % {"count": done.calls}
        waiting = []
        if wish["remember"]:
            waiting = assigning.remembered_in_vain(rep, meetings)
        if waiting:
            message = f"{message} {assigning.NOT_GRANTED % {'addresses': ', '.join(waiting)}}"
        made = done.assignment.pk if done.assignment else None
        answer = {"success": True, "assigned": done.calls, "message": message, "assignmentId": made}
        return Response(AssignedSerializer(answer).data)


class SimulateView(Refusing, Endpoint):
    """Try aliases out."""

    names_others = True
    throttle_classes = [limit("fathom-simulate", 30)]  # noqa: RUF012

    @extend_schema(
        operation_id="simulateMatching",
        tags=TAGS,
        request=ProposalSerializer,
        responses={200: SimulationSerializer},
    )
    def post(self, request: Request) -> Response:
        """What saving these aliases, one rep after another, would do to all meetings so far.
        Nothing is changed; 400 for what could not be saved either; 409 while a sync is at the
        same meetings."""
        form = ProposalSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        proposed = _proposed(request, form.validated_data["aliases"])
        try:
            found = simulating.simulate(proposed, fathom.meetings_for(request.user))
        except simulating.Busy as error:
            raise Conflict("busy", str(error)) from error
        return Response(SimulationSerializer(found).data)


def _start(request: Request, wish: dict[str, Any]) -> runs.Started:
    """Start the nearest account's run; of a rep every account that may list them is asked."""
    how = {
        "hours": wish.get("hours"),
        "reset": wish["reset"],
        "trigger": "manual",
        "started_by": person(request),
    }
    if wish.get("repId"):
        started_runs = starting.for_rep(_rep_to_sync(request, wish["repId"]), **how)
    elif fathom.may_sync_installation(request.user) and not wish.get("organizationId"):
        started_runs = starting.for_everybody(**how)
    else:
        started_runs = starting.for_organization(
            _organization(request, wish.get("organizationId")), **how
        )
    if not started_runs:
        raise Conflict(
            NO_ACCOUNT, _("There is no API key for Fathom here. Enter one in the settings.")
        )
    return started_runs[0]


def _organization(request: Request, asked: UUID | None) -> Organization:
    """Return the organization that is meant; NotPermitted for those who do not run it."""
    if access.sees_everything(request.user) and not fathom.may_sync_installation(request.user):
        raise NotPermitted
    organization: Organization = current.organization_meant(request, asked, "organizationId")
    if not fathom.may_sync(person(request), organization.pk):
        raise NotPermitted
    return organization


def _rep(request: Request, rep_id: UUID) -> SalesRep:
    """Return the rep; 404 for one that the person does not see."""
    return get_object_or_404(access.reps_for(request.user), pk=rep_id)


def _rep_to_sync(request: Request, rep_id: UUID) -> SalesRep:
    """Return the rep; NotPermitted for staff who only look."""
    rep = _rep(request, rep_id)
    if not fathom.may_sync_rep(person(request), rep):
        raise NotPermitted
    return rep


def _meetings(request: Request, ids: set[UUID], rep: SalesRep) -> list[FathomMeeting]:
    """Return all of them, or 404; ValidationError for one that is another organization's."""
    found = list(fathom.meetings_for(request.user).filter(pk__in=ids).order_by("recording_id"))
    if len(found) != len(ids):
        raise Http404
    if any(meeting.organization_id not in (None, rep.organization_id) for meeting in found):
        raise ValidationError(
            {"ids": _("A meeting of another organization cannot be given to this rep.")}
        )
    return found


def _proposed(request: Request, aliases: dict[str, list[str]]) -> dict[SalesRep, list[str]]:
    if len(aliases) > MOST_REPS:
        raise serializers.ValidationError(
            {"aliases": [_("At most %(count)d reps.") % {"count": MOST_REPS}]}
        )
    proposed: dict[SalesRep, list[str]] = {}
    for rep_id, spelled in aliases.items():
        if not UUID_FORM.fullmatch(rep_id):
            raise serializers.ValidationError({"aliases": [_("Name each rep by its id.")]})
        rep = _rep(request, UUID(rep_id))
        if not fathom.may_remember(request.user, rep):
            raise NotPermitted
        try:
            for address in spelled:
                addresses.check(address)
        except ValidationError as error:
            raise serializers.ValidationError({"aliases": error.messages}) from error
        proposed[rep] = spelled
    return proposed
