"""The pages of one team: its name, its managers, its reps, and its end."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import access, services
from crm.models import SalesRep, Team
from dashboard.team import entering, pages
from dashboard.team.entering import Visit
from dashboard.team.forms import TeamForm, TeamRepForm
from dashboard.team.views import FOLDER, by
from dashboard.views import onward


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Add a team."""
    visit = entering.entered(request)
    if visit.organization is None:
        raise Http404
    if not visit.may("add", Team):
        raise PermissionDenied
    form = TeamForm(visit.organization, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_team(
                organization=visit.organization, **by(request), **form.cleaned_data
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The team %(name)s is added.") % {"name": made.name})
            return onward(request, visit.address("team"))
    return render(request, f"{FOLDER}/team_new.html", {"visit": visit, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Show one team; POST changes its name and managers, or takes a rep in or out."""
    visit, found = entering.team(request, team_id)
    if request.method != "POST":
        return render(request, f"{FOLDER}/team_of_reps.html", pages.team_of_reps(visit, found))
    if "rep" in request.POST or "take_out" in request.POST:
        return _move_rep(request, visit, found)
    if not visit.may("change", Team):
        raise PermissionDenied
    form = TeamForm(found.organization, found, request.POST)
    if form.is_valid():
        try:
            services.update_team(team=found, **by(request), **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        except ObjectDoesNotExist as error:
            raise Http404 from error
        else:
            messages.success(request, _("Saved."))
            return onward(request, visit.address("team"))
    return render(request, f"{FOLDER}/team_of_reps.html", pages.team_of_reps(visit, found, form))


def _move_rep(request: HttpRequest, visit: Visit, found: Team) -> HttpResponse:
    """Take a rep in, or out; what is not there to be taken is left as it is."""
    if not visit.may("change", SalesRep):
        raise PermissionDenied
    if "take_out" in request.POST:
        rep = _rep_of(visit, found, request.POST["take_out"])
        services.update_rep(rep=rep, team=None, **by(request))
        messages.success(request, _("%(rep)s is in no team now.") % {"rep": rep.name})
        return redirect("dashboard:team_of_reps", found.pk)
    form = TeamRepForm(visit, pages.addable(visit, found), request.POST)
    if not form.is_valid():
        return render(
            request,
            f"{FOLDER}/team_of_reps.html",
            pages.team_of_reps(visit, found) | {"rep_form": form},
        )
    rep = form.cleaned_data["rep"]
    services.update_rep(rep=rep, team=found, **by(request))
    messages.success(
        request, _("%(rep)s is in %(team)s now.") % {"rep": rep.name, "team": found.name}
    )
    return redirect("dashboard:team_of_reps", found.pk)


def _rep_of(visit: Visit, found: Team, key: str) -> SalesRep:
    """Return a rep of this team; 404 for anything else."""
    try:
        rep_id = UUID(key)
    except ValueError as error:
        raise Http404 from error
    rep: SalesRep = get_object_or_404(
        access.reps_for(visit.user, found.organization_id), pk=rep_id, team=found
    )
    return rep


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Say what has this team, and ask; POST deletes it, and all that stays without one."""
    visit, found = entering.team(request, team_id, "delete")
    if request.method != "POST":
        context = {"visit": visit, "team": found, "left": pages.of_team(found)}
        return render(request, f"{FOLDER}/team_delete.html", context)
    services.delete_team(team=found, **by(request))
    messages.success(request, _("The team %(name)s is deleted.") % {"name": found.name})
    return onward(request, visit.address("team"))
