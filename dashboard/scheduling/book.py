"""Booking a meeting: the form, what it says while it is filled in, and what comes of it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from calls.services import LooksOn, guest_link, invite_guest, mail_lead, meeting_of
from core.models import User
from crm import access
from crm.models import Appointment, Lead, Organization
from crm.refusals import writing
from crm.services import By, Clash, booking
from dashboard.navigation import Shell
from dashboard.scheduling import freebusy, mails, times
from dashboard.scheduling.booking import BookingForm, MeetingForm, first_values, lead_options
from dashboard.views import onward, person

ORGANIZATIONS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new meeting; POST books it."""
    user = person(request)
    organization = _organization(request)
    if organization is None:
        return _ask_which(request, user)
    if not access.may(user, "add", Appointment, organization.pk):
        raise PermissionDenied
    leads = access.leads_for(user, organization.pk)
    if request.method != "POST":
        lead = _lead(leads, request.GET.get("lead", ""))
        values = first_values(user, organization, lead, request.GET.get("day", ""))
        form = BookingForm(None, organization=organization, leads=leads, initial=values)
        return render(request, "scheduling/book.html", _context(user, organization, form))
    form = BookingForm(request.POST, organization=organization, leads=leads)
    if not form.is_valid() or "look" in request.POST:
        return render(request, "scheduling/book.html", _context(user, organization, form))
    return _booked(request, user, organization, form)


@require_safe
@login_required
def leads(request: HttpRequest) -> JsonResponse:
    """Give the leads whose name is being typed, among those that this person may see."""
    organization = _organization(request)
    if organization is None:
        return JsonResponse({"options": [], "more": False})
    words = request.GET.get("search", "")[:200].strip()
    return JsonResponse(lead_options(access.leads_for(person(request), organization.pk), words))


@require_safe
@login_required
def look_at(request: HttpRequest) -> HttpResponse:
    """Show the time that is in a form by each clock, and what the closer has that day."""
    user, organization = person(request), _organization(request)
    if organization is None:
        raise Http404
    acts = [access.may(user, act, Appointment, organization.pk) for act in ("add", "change")]
    if not any(acts):
        raise PermissionDenied
    form = MeetingForm(request.GET, organization=organization)
    form.is_valid()
    without = _uuid(request.GET.get("appointment", ""))
    context = {"form": form, "look": freebusy.look(user, form, without), "meeting": without}
    return render(request, "scheduling/look.html", context)


def _booked(
    request: HttpRequest, user: User, organization: Organization, form: BookingForm
) -> HttpResponse:
    """Book what was entered: the meeting, its lead, the mail and the link, all of it or nothing."""
    by, found = By(user, request), form.cleaned_data
    link = ""
    try:
        with writing():
            pk = found["meeting_id"] or uuid4()
            made = booking.book(organization, form.chosen_lead, form.values(), pk=pk, by=by)
            if found["mail_lead"] or found["guest_link"]:
                # Staff of the agency book, and take no part.
                meeting_of(user, made.pk)
            if found["mail_lead"]:
                mails.take(user)
                mail_lead(made, actor=user, request=request)
            if found["guest_link"]:
                mails.take_link(user)
                link = guest_link(invite_guest(made, actor=user, request=request)[1])
    except Clash:
        form.ask_anyway()
        return render(
            request, "scheduling/book.html", _context(user, organization, form, is_clash=True)
        )
    except LooksOn as refusal:
        form.add_error("guest_link" if found["guest_link"] else "mail_lead", refusal.message)
        return render(request, "scheduling/book.html", _context(user, organization, form))
    except ValidationError as error:
        form.refuse(error)
        return render(request, "scheduling/book.html", _context(user, organization, form))
    text = _("Booked: %(name)s, %(when)s")
    if found["mail_lead"]:
        text = _("Booked, and the invitation is on its way: %(name)s, %(when)s")
    messages.success(
        request, text % {"name": made.lead.name, "when": times.in_the_readers_zone(made)}
    )
    if link:
        shown = {"meeting": made, "link": link, "when": times.in_the_readers_zone(made)}
        return render(request, "scheduling/booked.html", shown)
    return onward(request, reverse("dashboard:meeting", args=[made.pk]))


def _context(
    user: User, organization: Organization, form: BookingForm, *, is_clash: bool = False
) -> dict[str, Any]:
    looked = form
    if not form.is_bound:
        looked = BookingForm(_as_sent(form), organization=organization, leads=form.leads)
    looked.is_valid()
    return {
        "form": form,
        "organization": organization,
        "look": freebusy.look(user, looked),
        "is_clash": is_clash,
        "is_new": form.is_new or not form["lead"].value(),
    }


def _as_sent(form: BookingForm) -> QueryDict:
    """Return what the form would send as it stands."""
    data = QueryDict(mutable=True)
    data.update(
        {name: form[name].value() for name in form.fields if form[name].value() is not None}
    )
    return data


def _organization(request: HttpRequest) -> Organization | None:
    """Return for whom it is booked: named, that of the lead, or the one that the
    person looks at.
    """
    user = person(request)
    asked = request.POST.get("organization", "") or request.GET.get("organization", "")
    if asked:
        named = _uuid(asked)
        if named is None:
            raise BadRequest
        return get_object_or_404(access.organizations_for(user), pk=named)
    lead = _uuid(request.GET.get("lead", ""))
    if lead is not None:
        found = access.leads_for(user).select_related("organization").filter(pk=lead).first()
        if found is not None:
            return found.organization
    return Shell(request).current


def _ask_which(request: HttpRequest, user: User) -> HttpResponse:
    """Let those who belong to none say for which organization it is."""
    found = [
        each
        for each in access.organizations_for(user).order_by("name")[:ORGANIZATIONS_SHOWN]
        if access.may(user, "add", Appointment, each.pk)
    ]
    if not found:
        raise PermissionDenied
    return render(request, "scheduling/which.html", {"organizations": found})


def _lead(leads: QuerySet[Lead], text: str) -> Lead | None:
    identifier = _uuid(text)
    if identifier is None:
        return None
    return leads.filter(pk=identifier).first()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
