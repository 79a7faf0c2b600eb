"""Settings → Team and Settings → Organization. Every act is a service of `crm`,
which the API calls too.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.api import throttles
from crm import colleagues, services
from crm.models import Member, Organization
from crm.refusals import writing
from dashboard.team import entering, pages
from dashboard.team.forms import (
    InviteForm,
    LeavingForm,
    LogoForm,
    OrganizationChoice,
    OrganizationForm,
    RoleForm,
)
from dashboard.views import onward, person

FOLDER: Final = "dashboard/team"
# As often as the API lets somebody invite, and counted together with it.
INVITES_PER_HOUR: Final = 60
TOO_MANY: Final = _("You have sent many invitations. Try again in an hour.")


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Show who works in the organization, who is invited, and its teams."""
    return render(
        request, f"{FOLDER}/team.html", pages.team(entering.entered(request), request.GET)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite(request: HttpRequest) -> HttpResponse:
    """Ask a colleague in, by e-mail."""
    visit, organization = entering.owned(request)
    language = services.settings_of(organization).language
    form = InviteForm(
        visit, request.POST or None, initial={"role": Member.Role.CLOSER, "language": language}
    )
    if request.method == "POST" and form.is_valid() and _invited(request, organization, form):
        messages.success(
            request, _("A mail is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}
        )
        return onward(request, visit.address("team"))
    return render(request, f"{FOLDER}/invite.html", {"visit": visit, "form": form})


def _invited(request: HttpRequest, organization: Organization, form: InviteForm) -> bool:
    if throttles.take("invite", f"user:{person(request).pk}", INVITES_PER_HOUR, 3600):
        form.add_error(None, TOO_MANY)
        return False
    try:
        services.invite(organization=organization, **by(request), **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return False
    return True


@require_POST
@login_required
def invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Send an invitation again, or withdraw it."""
    found = entering.invitation(request, invitation_id)
    visit = entering.entered(request)
    back = redirect(visit.address("team"))
    email = {"email": found.email}
    if request.POST.get("what") != "again":
        if services.revoke_invitation(invitation=found, **by(request)):
            messages.success(
                request,
                _("The invitation of %(email)s is withdrawn: its link opens nothing.") % email,
            )
        return back
    if throttles.take("invite", f"user:{person(request).pk}", INVITES_PER_HOUR, 3600):
        messages.error(request, TOO_MANY)
        return back
    try:
        services.send_again(invitation=found, **by(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request,
            _("A new mail is on its way to %(email)s. The link before opens nothing.") % email,
        )
    return back


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Show one colleague to whoever decides on them; POST gives another role."""
    visit, found = entering.member(request, member_id)
    if not (visit.owns or found.user_id == visit.user.pk):
        raise PermissionDenied
    form = None
    if request.method == "POST":
        if not visit.owns:
            raise PermissionDenied
        form = RoleForm(visit, request.POST)
        if form.is_valid() and _changed(request, found, form):
            words = {
                "name": colleagues.name_of(found),
                "role": Member.Role(form.cleaned_data["role"]).label,
            }
            messages.success(request, _("%(name)s is %(role)s now.") % words)
            return onward(request, _team_address(request, visit))
    return render(request, f"{FOLDER}/member.html", pages.member(visit, found, form))


def _changed(request: HttpRequest, found: Member, form: RoleForm) -> bool:
    try:
        services.change_role(member=found, role=form.cleaned_data["role"], **by(request))
    except ValidationError as error:
        form.refuse(error)
        return False
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def leaving(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Say what becomes of what somebody has, and ask; POST lets them go, or oneself."""
    visit, found = entering.member(request, member_id)
    is_own = found.user_id == visit.user.pk
    if not (visit.owns or is_own):
        raise PermissionDenied
    form = None
    if request.method == "POST":
        form = LeavingForm(
            found, pages.to_archive(visit, services.belongings_of(found).rep), request.POST
        )
        if form.is_valid() and _left(request, found, form):
            words = {"name": colleagues.name_of(found), "organization": found.organization.name}
            if is_own:
                messages.success(request, _("You have left %(organization)s.") % words)
                return onward(request, reverse("dashboard:home"))
            messages.success(request, _("%(name)s is no longer in %(organization)s.") % words)
            return onward(request, _team_address(request, visit))
    return render(request, f"{FOLDER}/leaving.html", pages.leaving(visit, found, form))


def _left(request: HttpRequest, found: Member, form: LeavingForm) -> bool:
    try:
        services.remove_member(member=found, **by(request), **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return False
    return True


def _team_address(request: HttpRequest, visit: entering.Visit) -> str:
    """Return the list that somebody comes from: whoever decides on no organization
    any more has none.
    """
    if visit.is_staff:
        return visit.address("team")
    return reverse("dashboard:team")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization(request: HttpRequest) -> HttpResponse:
    """Show name, time zone, language and tier; POST changes the first three."""
    visit = entering.entered(request)
    if visit.organization is None:
        return render(
            request,
            f"{FOLDER}/organization.html",
            {"visit": visit, "choice": OrganizationChoice(visit)},
        )
    if not visit.owns:
        raise PermissionDenied
    form = OrganizationForm.of(visit.organization, request.POST or None)
    if request.method == "POST" and form.is_valid() and _stored(request, visit.organization, form):
        messages.success(request, _("Saved."))
        return onward(request, visit.address("organization_settings"))
    context = {
        "visit": visit,
        "form": form,
        "choice": OrganizationChoice(visit) if visit.is_staff else None,
        "logo_form": LogoForm(),
        "logo": services.logo_of(visit.organization),
    }
    return render(request, f"{FOLDER}/organization.html", context)


def _stored(request: HttpRequest, found: Organization, form: OrganizationForm) -> bool:
    values = dict(form.cleaned_data)
    try:
        with writing():
            services.rename_organization(organization=found, name=values.pop("name"), **by(request))
            services.change_settings(organization=found, **by(request), **values)
    except ValidationError as error:
        form.refuse(error)
        return False
    return True


def by(request: HttpRequest) -> dict[str, Any]:
    """Return who does it, as every service is told."""
    return {"actor": person(request), "request": request}
