"""What is done with a rep: added, changed, given addresses, archived, brought back.
Each act is a service of `crm`.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import services
from crm.models import Appointment, Organization, SalesRep
from dashboard.calls import rep_addresses
from dashboard.calls.rep_forms import AddressForm, RepForm
from dashboard.team import entering
from dashboard.team.entering import Visit
from dashboard.team.forms import OrganizationChoice
from dashboard.team.views import by
from dashboard.views import onward

FOLDER = "dashboard/calls"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Add a rep; staff say first for which organization."""
    visit = entering.entered(request)
    choice = OrganizationChoice(visit) if visit.is_staff else None
    if visit.organization is None:
        return render(request, f"{FOLDER}/rep_add.html", {"visit": visit, "choice": choice})
    if not visit.may("add", SalesRep):
        raise PermissionDenied
    form = RepForm(visit, visit.organization, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _made(request, visit.organization, form)
        if made is not None:
            return onward(request, reverse("dashboard:rep", args=[made.pk]))
    return render(
        request, f"{FOLDER}/rep_add.html", {"visit": visit, "form": form, "choice": choice}
    )


def _made(request: HttpRequest, organization: Organization, form: RepForm) -> SalesRep | None:
    try:
        made = services.create_rep(organization=organization, **by(request), **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return None
    messages.success(
        request,
        _("%(name)s is a rep now. Calls under their addresses come in.") % {"name": made.name},
    )
    return made


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, rep_id: UUID) -> HttpResponse:
    """Change who a rep is: name, e-mail, team, colleague."""
    visit, found = entering.rep(request, rep_id)
    form = RepForm(visit, found.organization, found, request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, found, form):
        messages.success(request, _("Saved."))
        return onward(request, reverse("dashboard:rep", args=[found.pk]))
    return render(request, f"{FOLDER}/rep_edit.html", {"visit": visit, "rep": found, "form": form})


def _changed(request: HttpRequest, found: SalesRep, form: RepForm) -> bool:
    values: dict[str, Any] = dict(form.cleaned_data)
    keeps = values.pop("keeps_address")
    if keeps and values["email"] != found.email:
        values["aliases"] = [*_aliases(found), found.email]
    try:
        services.update_rep(rep=found, **by(request), **values)
    except ValidationError as error:
        form.refuse(error)
        return False
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return True


def _aliases(found: SalesRep) -> list[str]:
    return [row.address for row in found.addresses.all() if not row.is_main]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def addresses(request: HttpRequest, rep_id: UUID) -> HttpResponse:
    """Show the addresses of a rep; POST tries a change out, and does it once that was read."""
    visit, found = entering.rep(request, rep_id)
    context: dict[str, Any] = {"visit": visit, "rep": found, "form": AddressForm()}
    if request.method == "POST":
        form = AddressForm(request.POST)
        what = (
            rep_addresses.REMOVE
            if request.POST.get("what") == rep_addresses.REMOVE
            else rep_addresses.ADD
        )
        context["form"] = form
        if form.is_valid():
            try:
                if request.POST.get("step") == "do":
                    words = rep_addresses.change(request, found, what, form.cleaned_data["address"])
                    messages.success(request, words)
                    return onward(request, reverse("dashboard:rep", args=[found.pk]))
                context["proposal"] = rep_addresses.proposal(
                    request, found, what, form.cleaned_data["address"]
                )
            except ValidationError as error:
                form.refuse(error)
            except ObjectDoesNotExist as error:
                raise Http404 from error
    context["rows"] = rep_addresses.rows_of(found)
    return render(request, f"{FOLDER}/rep_addresses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def archive(request: HttpRequest, rep_id: UUID) -> HttpResponse:
    """Say what becomes of a rep's calls, and ask; POST archives them, or brings them back."""
    visit, found = entering.rep(request, rep_id)
    if request.method != "POST":
        return render(request, f"{FOLDER}/rep_archive.html", _before(visit, found))
    if request.POST.get("what") == "restore":
        services.restore_rep(rep=found, **by(request))
        messages.success(
            request, _("%(name)s is back. Calls that waited come in now.") % {"name": found.name}
        )
    else:
        services.archive_rep(rep=found, **by(request))
        messages.success(
            request, _("%(name)s is archived. Their calls stay.") % {"name": found.name}
        )
    return onward(request, reverse("dashboard:rep", args=[found.pk]))


def _before(visit: Visit, found: SalesRep) -> dict[str, Any]:
    coming = 0
    if found.member_id is not None:
        meetings = Appointment.objects.filter(
            closer_id=found.member_id, status=Appointment.Status.SCHEDULED
        )
        coming = meetings.filter(ends_at__gt=timezone.now()).count()
    return {"visit": visit, "rep": found, "coming": coming}
