"""The schedule, and the links by which guests are asked into its meetings."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls import services
from calls.models import GuestInvitation
from core.models import User
from crm import access, joining
from crm.models import Appointment, Member
from dashboard.navigation import Shell
from dashboard.scheduling import listed, mails, times
from dashboard.scheduling.calendar import Calendar, calendar, chosen
from dashboard.scheduling.forms import ScheduleFilter
from dashboard.scheduling.grid import grid
from dashboard.scheduling.lines import Lines
from dashboard.scheduling.weeks import Week

SEES_OTHERS = (Member.Role.CEO, Member.Role.MANAGER, Member.Role.ADMIN)


@require_safe
@login_required
def schedule(request: HttpRequest) -> HttpResponse:
    """Show one week of meetings: those that the person may see."""
    shell = Shell(request)
    sees_others = shell.role in SEES_OTHERS
    filters = ScheduleFilter(
        request.GET, sees_others=sees_others, organization=shell.current if sees_others else None
    )
    week = Week.asked(request.GET.get("week", ""))
    if filters.is_week:
        return _drawn(request, shell, week, filters)
    found = calendar(_person(request), shell.scope, week, filters, request.GET.get("after", ""))
    may_book = _may_book(shell)
    lines = Lines(may_book=may_book)
    context = {
        "calendar": found,
        "days": [(day, lines.of(day.meetings)) for day in found.days],
        "filters": filters,
        "shell": shell,
        "may_book": may_book,
        "as_week": filters.query(view="week", week=week.monday),
        **_addresses(found, filters),
    }
    return render(request, "scheduling/schedule.html", context)


@require_safe
@login_required
def meetings(request: HttpRequest) -> HttpResponse:
    """List the meetings of a period: those that a figure counts, or that somebody asks for."""
    shell = Shell(request)
    page = listed.page(_person(request), shell, request.GET)
    return render(request, "scheduling/meetings.html", {"shell": shell, **page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def guests(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Show the guests of one meeting: a link made for one, and those that were made before."""
    user = _person(request)
    try:
        meeting = services.meeting_of(user, appointment_id)
        link, refused = "", ""
        if request.method == "POST":
            link, refused = _invited(request, user, meeting)
    except services.LooksOn as refusal:
        return render(request, "scheduling/refused.html", {"why": refusal.message}, status=403)
    except services.NotOpen as refusal:
        return render(request, "scheduling/refused.html", {"why": refusal.message}, status=409)
    status = 200
    if refused and not request.headers.get("HX-Request"):
        status = 429
    return render(request, _template(request), _guests(meeting, user, link, refused), status=status)


@require_POST
@login_required
def withdraw(request: HttpRequest, appointment_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Let a guest's link open nothing any more."""
    user = _person(request)
    try:
        meeting = services.meeting_of(user, appointment_id)
    except services.LooksOn as refusal:
        return render(request, "scheduling/refused.html", {"why": refusal.message}, status=403)
    invitation = get_object_or_404(GuestInvitation, pk=invitation_id, appointment=meeting)
    services.revoke_guest_invitation(invitation, actor=user, request=request)
    if request.headers.get("HX-Request"):
        return render(request, _template(request), _guests(meeting, user, ""))
    messages.success(request, _("The link is withdrawn."))
    return redirect("dashboard:guests", appointment_id)


def _drawn(request: HttpRequest, shell: Shell, week: Week, filters: ScheduleFilter) -> HttpResponse:
    """Draw the week by its hours; on a phone one day of it."""
    user, today = _person(request), timezone.localdate()
    asked = times.day_of(request.GET.get("day", ""))
    if asked is not None:
        week = Week.of(asked)
    day = asked or (today if week.is_now else week.monday)
    found = grid(user, chosen(user, shell.scope, filters), week, day)
    context = {
        "grid": found,
        "filters": filters,
        "shell": shell,
        "may_book": _may_book(shell),
        "earlier": filters.query(week=week.earlier),
        "later": filters.query(week=week.later),
        "this_week": filters.query(),
        "as_list": filters.query(view="", week=week.monday),
        "next": filters.query(week=found.next or ""),
        "days": [(column, filters.query(day=column.day)) for column in found.columns],
        "unfiltered": f"?view=week&week={week.monday}",
    }
    return render(request, "scheduling/week.html", context)


def _may_book(shell: Shell) -> bool:
    """Tell whether this person books meetings where they look:
    asked of their role, and of staff's permissions.
    """
    if shell.is_staff:
        return bool(shell.user and shell.user.has_perm("crm.add_appointment"))
    return "add" in access.ACTS[Appointment].get(shell.role, frozenset())


def _addresses(found: Calendar, filters: ScheduleFilter) -> dict[str, str]:
    """Return where the schedule's own links lead: the filters stay when the week is turned."""
    week = found.week
    return {
        "earlier": filters.query(week=week.earlier),
        "later": filters.query(week=week.later),
        "this_week": filters.query(),
        "next": filters.query(week=found.next or ""),
        "more": filters.query(week=week.monday, after=found.later),
        "unfiltered": f"?week={week.monday}",
    }


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _invited(request: HttpRequest, user: User, meeting: Appointment) -> tuple[str, str]:
    """Return the link that was made; '' with why there is none."""
    try:
        mails.take_link(user)
    except ValidationError as error:
        return "", " ".join(error.messages)
    _invitation, token = services.invite_guest(meeting, actor=user, request=request)
    return services.guest_link(token), ""


def _template(request: HttpRequest) -> str:
    if request.headers.get("HX-Request"):
        return "scheduling/guest_links.html"
    return "scheduling/guests.html"


def _guests(meeting: Appointment, user: User, link: str, refused: str = "") -> dict[str, Any]:
    now = timezone.now()
    works_until = meeting.ends_at + joining.CLOSES_AFTER
    standing = GuestInvitation.objects.filter(appointment=meeting, revoked_at=None)
    return {
        "meeting": meeting,
        "when": times.in_the_readers_zone(meeting),
        "elsewhere": times.elsewhere(meeting),
        "link": link,
        "refused": refused,
        "invitations": list(standing.order_by("-created_at")[:20]) if works_until > now else [],
        "works_until": works_until,
        "is_over": joining.is_over(meeting, now),
    }
