"""Coming into a video call: people by their account, guests by their link."""

import secrets
from typing import Any, ClassVar, Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from calls import services
from calls.models import GuestInvitation, MeetingMail
from calls.native_serializers import (
    DEVICE,
    GuestInvitationSerializer,
    GuestJoinSerializer,
    GuestLinkSerializer,
    JoinedSerializer,
    JoinSerializer,
    MeetingMailSerializer,
)
from core.api import refusing
from core.api.errors import ApiError, Conflict, NotPermitted
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from crm.models import Appointment

TAGS = ["Calls"]
DEVICE_COOKIE: Final = "koppel_device"
DEVICE_SECONDS: Final = 365 * 24 * 3600


class Refusing:
    """Says the services' refusals as the API does."""

    def handle_exception(self, exc: Exception) -> Response:
        answer: Response = super().handle_exception(_refusal(exc) or exc)  # type: ignore[misc]
        return answer


def _refusal(error: Exception) -> ApiError | None:
    match error:
        case services.NotAvailable():
            return ApiError("Calls are not available", status_code=503)
        case services.NotOpen():
            return Conflict("not_open", error.message)
        case services.LooksOn():
            return NotPermitted("looks_on", str(error.message))
        case services.InvitationGone():
            return ApiError("not_found", str(error.message), status_code=404)
        case services.ConsentMissing():
            return ApiError(
                "consent_missing", str(error.message), fields={"consent": [str(error.message)]}
            )
    return None


class JoinView(Refusing, Endpoint):
    """Into the call of a meeting."""

    may_be_unavailable = True
    # Each time costs a token. A person who keeps coming back has a broken connection at most.
    throttle_classes = (limit("call-join", 120),)

    @extend_schema(
        operation_id="joinCall", tags=TAGS, request=JoinSerializer, responses=JoinedSerializer
    )
    def post(self, request: Request, appointment_id: UUID) -> Response:
        """Give what a browser needs to come in, good for the next five minutes.

        The call is made if it is not there yet.
        """
        form = JoinSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        device = form.validated_data.get("deviceId") or device_of(request)
        joined = services.join(appointment_id, person(request), device=device, request=request)
        return _with_device(Response(JoinedSerializer(joined).data), device)


@extend_schema_view(post=extend_schema(operation_id="joinCallAsBefore"))
class JoinAsBeforeView(JoinView):
    """The same at its earlier address."""


class GuestJoinView(Refusing, Endpoint):
    """Into the call by a link."""

    may_be_unavailable = True
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (limit("guest-join", 120, by_address=True),)

    @extend_schema(
        operation_id="joinAsGuest",
        tags=TAGS,
        auth=[],
        request=GuestJoinSerializer,
        responses=JoinedSerializer,
    )
    def post(self, request: Request, token: str) -> Response:
        """Let in whoever has the link of an invitation, once they agree to be recorded."""
        services.read_guest_invitation(token)
        form = GuestJoinSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        device = values.get("deviceId") or device_of(request)
        joined = services.join_as_guest(
            token,
            display_name=values["displayName"],
            consent=values["consent"],
            device=device,
            request=request,
        )
        return _with_device(Response(JoinedSerializer(joined).data), device)


class GuestInvitationListView(Refusing, ListEndpoint):
    """Who was asked into a meeting."""

    serializer_class = GuestInvitationSerializer
    queryset = GuestInvitation.objects.none()
    ordering_by: ClassVar = {"createdAt": "created_at"}
    throttle_classes = (limit("guest-invite", 120, seconds=3600),)

    def get_throttles(self) -> list[Any]:
        if self.request.method != "POST":
            return []
        return super().get_throttles()

    def get_queryset(self) -> QuerySet[GuestInvitation]:
        theirs = GuestInvitation.objects.filter(
            appointment=_meeting(self.request, self.kwargs["appointment_id"])
        )
        return theirs.select_related("appointment")

    @extend_schema(
        operation_id="listGuestInvitations",
        tags=TAGS,
        responses=GuestInvitationSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """List who was asked in, for those who take part in the meeting."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="inviteGuest", tags=TAGS, request=Nothing, responses={201: GuestLinkSerializer}
    )
    def post(self, request: Request, appointment_id: UUID) -> Response:
        """Make a link for somebody without an account.

        It is shown this once, and works until the meeting is over.
        """
        Nothing(data=request.data).is_valid(raise_exception=True)
        meeting = _meeting(request, appointment_id)
        invitation, token = services.invite_guest(meeting, actor=person(request), request=request)
        values = GuestLinkSerializer(
            invitation, context={"url": services.guest_link(token), "token": token}
        ).data
        return Response(values, status=status.HTTP_201_CREATED)


class GuestInvitationView(Refusing, Endpoint):
    """One invitation of a guest."""

    @extend_schema(operation_id="revokeGuestInvitation", tags=TAGS, responses={204: None})
    def delete(self, request: Request, appointment_id: UUID, invitation_id: UUID) -> Response:
        """Withdraw an invitation: its link opens nothing any more. Who is in already stays in."""
        theirs = GuestInvitation.objects.filter(appointment=_meeting(request, appointment_id))
        invitation = get_object_or_404(theirs.select_related("appointment"), pk=invitation_id)
        services.revoke_guest_invitation(invitation, actor=person(request), request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeetingMailListView(Refusing, refusing.Refusing, ListEndpoint):
    """What was written to the lead of a meeting."""

    serializer_class = MeetingMailSerializer
    queryset = MeetingMail.objects.none()
    ordering_by: ClassVar = {"createdAt": "created_at"}
    throttle_classes = (limit("lead-mail", 120, seconds=3600),)

    def get_throttles(self) -> list[Any]:
        if self.request.method != "POST":
            return []
        return super().get_throttles()

    def get_queryset(self) -> QuerySet[MeetingMail]:
        return MeetingMail.objects.filter(
            appointment=_meeting(self.request, self.kwargs["appointment_id"])
        )

    @extend_schema(
        operation_id="listMeetingMails", tags=TAGS, responses=MeetingMailSerializer(many=True)
    )
    def get(self, request: Request, **path: Any) -> Response:
        """List what was written to the lead, and what waits, for those who take
        part in the meeting.
        """
        return super().get(request, **path)

    @extend_schema(
        operation_id="mailLead", tags=TAGS, request=Nothing, responses={202: MeetingMailSerializer}
    )
    def post(self, request: Request, appointment_id: UUID) -> Response:
        """Mail the lead an invitation with a guest's link and a file for their calendar.

        They also hear when the meeting is moved or cancelled later.
        """
        Nothing(data=request.data).is_valid(raise_exception=True)
        meeting = _meeting(request, appointment_id)
        mail = services.mail_lead(meeting, actor=person(request), request=request)
        return Response(MeetingMailSerializer(mail).data, status=status.HTTP_202_ACCEPTED)


def device_of(request: Request) -> str:
    """Return this browser's own name from the last time, or a new name."""
    known = request.COOKIES.get(DEVICE_COOKIE, "")
    if DEVICE.fullmatch(known):
        return known
    return secrets.token_urlsafe(16)


def _with_device(response: Response, device: str) -> Response:
    response.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=DEVICE_SECONDS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _meeting(request: Request, appointment_id: UUID) -> Appointment:
    return services.meeting_of(person(request), appointment_id)
