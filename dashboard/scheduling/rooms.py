"""The page of one call: a lobby, then the room. For people by their account,
for guests by their link.

Opening it changes nothing; only the button does, by the API that any other client would use.
The content policy of these pages alone lets a browser speak to the server of the rooms.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from calls import livekit, services, transcripts
from calls.models import Call
from core.models import User
from crm import joining
from crm.models import Appointment
from crm.services import logo_of, settings_of
from dashboard.calls import detail, parts
from dashboard.scheduling import times, words

PAGE = "call/page.html"
WEB = {"ws": "http", "wss": "https"}


@require_safe
@login_required
def room(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Show the call of one meeting to whoever takes part in it; anybody else's does not exist."""
    if not isinstance(request.user, User):
        raise Http404
    try:
        meeting = services.meeting_of(request.user, appointment_id)
    except services.LooksOn as refusal:
        return render(request, PAGE, {"state": "refused", "why": refusal.message}, status=403)
    join = reverse("api_call_join", kwargs={"appointment_id": meeting.pk})
    back = reverse("dashboard:schedule")
    shown = {"when": times.in_the_readers_zone(meeting), "elsewhere": times.elsewhere(meeting)}
    return _page(request, meeting, {**shown, **_went(request.user, meeting)}, join, back)


def _went(user: User, meeting: Appointment) -> dict[str, Any]:
    """Return what asks its closer how the call went; of a meeting without a closer it asks
    whoever was in it.
    """
    closer = meeting.closer
    if closer is not None and closer.user_id != user.pk:
        return {}
    call = detail.call_of_meeting(user, meeting.pk) or Call()
    return {
        "went": reverse("dashboard:call_went", args=[meeting.pk]),
        "outcomes": parts.choices(call),
    }


@never_cache
@require_safe
def guest(request: HttpRequest, token: str) -> HttpResponse:
    """Show the same to whoever holds the link of an invitation."""
    try:
        invitation = services.read_guest_invitation(token)
    except services.InvitationGone as gone:
        return render(
            request, PAGE, {"state": "gone", "why": gone.message, "is_guest": True}, status=404
        )
    meeting = invitation.appointment
    join = reverse("api_guest_join", kwargs={"token": token})
    shown = {
        "when": times.agreed(meeting),
        "is_guest": True,
        "name": invitation.display_name,
        "logo": logo_of(meeting.organization),
    }
    return _page(request, meeting, shown, join, "")


def _page(
    request: HttpRequest, meeting: Appointment, shown: dict[str, Any], join: str, back: str
) -> HttpResponse:
    chosen = settings_of(meeting.organization)
    context = {
        "meeting": meeting,
        "organization": meeting.organization.name,
        "recorded": livekit.can_record() and chosen.call_recording_enabled,
        "written_down_by": transcripts.sent_to() if chosen.call_transcription_enabled else "",
        "has_media": livekit.has_media(),
        "kept_days": chosen.retention_days,
        "opens_at": meeting.starts_at - joining.OPENS_BEFORE,
        "back": back,
        "state": _state(meeting, is_guest=bool(shown.get("is_guest"))),
        **shown,
    }
    context["call"] = words.configuration(
        join=join, back=back, is_guest=bool(shown.get("is_guest"))
    )
    return _let_out(render(request, PAGE, context))


def _state(meeting: Appointment, *, is_guest: bool) -> str:
    now = timezone.now()
    if meeting.status == Appointment.Status.CANCELLED:
        return "cancelled"
    if joining.is_over(meeting, now):
        return "over"
    if is_guest and not joining.is_open(meeting, now):
        return "early"
    if livekit.configured():
        return "lobby"
    return "unavailable"


def _let_out(response: HttpResponse) -> HttpResponse:
    """Let the browser speak to the rooms' server: by its socket,
    and by the requests that prepare it.
    """
    parts = urlsplit(livekit.client_url())
    if parts.scheme in WEB:
        origins = [f"{parts.scheme}://{parts.netloc}", f"{WEB[parts.scheme]}://{parts.netloc}"]
        response._csp_update = {"connect-src": ["'self'", *origins]}  # type: ignore[attr-defined]  # as django-csp does
    return response
