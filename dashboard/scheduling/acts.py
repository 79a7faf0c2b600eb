"""The page of one meeting, and what is done with it there;
every act is a service of `crm` or `calls`.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls import services as calls
from core.models import User
from crm import access, services
from crm.models import Appointment
from crm.services import By, ChangedMeanwhile, Clash, booking
from dashboard import undoing
from dashboard.scheduling import freebusy, mails, meetings, times
from dashboard.scheduling.booking import MeetingForm, values_of
from dashboard.views import onward, person

Status = Appointment.Status
SETTLED: Final = {"completed": Status.COMPLETED, "no_show": Status.NO_SHOW}


@require_safe
@login_required
def meeting(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Show one meeting: when, with whom, the way in, and what was done with it."""
    user = person(request)
    found = meetings.meeting_of(user, appointment_id)
    return render(request, "scheduling/page.html", meetings.page(user, found))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def move(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Show the form of another time or another closer; POST takes it."""
    user, found = _permitted(request, appointment_id, "change")
    organization = found.organization
    if request.method != "POST":
        form = MeetingForm(values_of(found), organization=organization)  # type: ignore[arg-type]
        form.is_valid()
        return render(request, "scheduling/move.html", _moving(user, found, form))
    form = MeetingForm(request.POST, organization=organization)
    if not form.is_valid() or "look" in request.POST:
        return render(request, "scheduling/move.html", _moving(user, found, form))
    try:
        changed = booking.change(found, form.values(), by=By(user, request))
    except Clash:
        form.ask_anyway()
        return render(request, "scheduling/move.html", _moving(user, found, form, is_clash=True))
    except ValidationError as error:
        form.refuse(error)
        return render(request, "scheduling/move.html", _moving(user, found, form))
    messages.success(request, _("Saved: %(when)s") % {"when": times.in_the_readers_zone(changed)})
    return onward(request, _page_of(found))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancel(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Ask why it is cancelled; POST cancels it."""
    user, found = _permitted(request, appointment_id, "status")
    if request.method != "POST":
        shown = meetings.page(user, found)
        shown["is_lead_mailed"] = calls.mails_when_cancelled(found)
        return render(request, "scheduling/cancel.html", shown)
    reason = request.POST.get("reason", "").replace("\x00", "")[:500]

    def act() -> None:
        services.cancel_appointment(
            appointment=found, reason=reason, expected=Status.SCHEDULED, by=By(user, request)
        )

    return _done(request, found, act, _("The meeting is cancelled."))


@require_POST
@login_required
def settle(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Say that it was held, or that nobody came."""
    user, found = _permitted(request, appointment_id, "status")
    status = SETTLED.get(request.POST.get("status", ""))
    if status is None:
        return HttpResponse(status=400)
    text = _("The meeting is marked as held.")
    if status == Status.NO_SHOW:
        text = _("The meeting is marked as a no-show.")
    by = By(user, request)
    return _done(
        request,
        found,
        lambda: services.settle_appointment(appointment=found, status=status, by=by),
        text,
    )


@require_POST
@login_required
def reopen(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Take back what was decided of it: it stands again; over another meeting of the closer
    only if they say so.
    """
    user, found = _permitted(request, appointment_id, "status")
    refuse_clash = "anyway" not in request.POST
    try:
        services.reopen_appointment(
            appointment=found, refuse_clash=refuse_clash, by=By(user, request)
        )
    except Clash:
        form = MeetingForm(values_of(found), organization=found.organization)  # type: ignore[arg-type]
        form.is_valid()
        return render(request, "scheduling/reopen.html", _moving(user, found, form))
    messages.success(request, _("The meeting stands again."))
    return onward(request, _page_of(found))


@require_POST
@login_required
def mail(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Mail the lead an invitation."""
    user = person(request)
    try:
        found = calls.meeting_of(user, appointment_id)
        mails.take(user)
        calls.mail_lead(found, actor=user, request=request)
    except calls.LooksOn as refusal:
        return render(request, "scheduling/refused.html", {"why": refusal.message}, status=403)
    except calls.NotOpen as refusal:
        return render(request, "scheduling/refused.html", {"why": refusal.message}, status=409)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("dashboard:meeting", appointment_id)
    messages.success(request, _("The lead is being mailed an invitation."))
    return redirect("dashboard:meeting", appointment_id)


def _done(request: HttpRequest, found: Appointment, act: Any, text: str) -> HttpResponse:
    """Do it, say so, and offer to take it back."""
    try:
        act()
    except ChangedMeanwhile as error:
        messages.warning(request, " ".join(error.messages))
    else:
        undoing.offer(request, text, reverse("dashboard:reopen_meeting", args=[found.pk]))
    return onward(request, _page_of(found))


def _permitted(request: HttpRequest, appointment_id: UUID, act: str) -> tuple[User, Appointment]:
    """Return who asks and the meeting; Http404 for one that they do not see,
    PermissionDenied where they only look.
    """
    user = person(request)
    found = meetings.meeting_of(user, appointment_id)
    if not access.may(user, act, Appointment, found.organization_id):
        raise PermissionDenied
    return user, found


def _moving(
    user: User, found: Appointment, form: MeetingForm, *, is_clash: bool = False
) -> dict[str, Any]:
    return {
        "meeting": found,
        "organization": found.organization,
        "name": found.title or found.lead.name,
        "form": form,
        "look": freebusy.look(user, form, found.pk),
        "is_clash": is_clash,
        "is_over": found.status != Status.SCHEDULED,
    }


def _page_of(found: Appointment) -> str:
    return reverse("dashboard:meeting", args=[found.pk])
