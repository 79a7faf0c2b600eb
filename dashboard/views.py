"""The dashboard's pages. A write goes to the same service that the API calls;
then back to where it came from.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import runs as runs_service
from core.models import Run, User
from core.runs import details
from core.signin import profile as people
from crm import access, current
from crm.models import Organization
from dashboard import pieces, queries, run_tables, samples, tables
from dashboard.fathom import blame
from dashboard.forms import ProfileForm, RunFilter
from dashboard.navigation import Shell

A_YEAR = 365 * 24 * 3600


@require_safe
@login_required
def runs(request: HttpRequest) -> HttpResponse:
    """Show everything that ran, newest first; for a person who runs nothing
    the page does not exist.
    """
    shell = Shell(request)
    if not shell.sees_runs:
        raise Http404
    page = queries.runs(person(request), request.GET, shell)
    return render(
        request, "dashboard/runs.html", {"filters": RunFilter(request.GET), "shell": shell, **page}
    )


@require_safe
@login_required
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show one run: how far it is, what came of each thing, and the evidence."""
    found = _run_or_404(request, run_id)
    may_cancel = found.state in Run.OPEN and access.may_cancel(person(request), found)
    return render(
        request, "dashboard/run.html", {"may_cancel": may_cancel, **_shown(found, request)}
    )


@require_safe
@login_required
def run_live(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show the moving part of a run's page, asked for every two seconds while it is open."""
    found = _run_or_404(request, run_id)
    return render(request, "dashboard/run_live.html", _shown(found, request))


@require_POST
@login_required
def run_cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Ask a run to stop; back on its page, which says how that goes."""
    found = _run_or_404(request, run_id)
    if not access.may_cancel(person(request), found):
        raise PermissionDenied
    if not runs_service.cancel(found, request.user, request):
        messages.info(request, _("This run has ended; there is nothing to stop."))
    return redirect("dashboard:run", run_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show name, language, time zone, theme; POST changes them."""
    user = person(request)
    entered = None
    if request.method == "POST":
        entered = request.POST
    form = ProfileForm.of(user, entered)
    if request.method != "POST" or not form.is_valid():
        return render(request, "dashboard/profile.html", {"form": form})
    people.change(user, **form.cleaned_data)
    with override(user.language):
        messages.success(request, _("Your profile is saved."))
    return _remember(redirect("dashboard:profile"), language=user.language, theme=user.theme)


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Set light, dark or the system's: for the person where there is one, and for this browser."""
    return _choose(request, "theme", dict(User.THEMES))


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Set the language, likewise."""
    return _choose(request, "language", dict(User.LANGUAGES))


@require_POST
@login_required
def switch_organization(request: HttpRequest) -> HttpResponse:
    """Look at another organization that one sees, or as staff at all again;
    one that is not theirs does not exist.
    """
    if not request.POST.get("organization") and access.sees_everything(person(request)):
        current.look_at_all(request)
        return redirect(way_back(request))
    try:
        current.switch_organization(
            request=request, organization_id=UUID(request.POST.get("organization", ""))
        )
    except (ValueError, Organization.DoesNotExist) as error:
        raise Http404 from error
    return redirect(way_back(request))


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component in every state; only where people build or try Koppel."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "dashboard/styleguide.html", samples.everything(request))


@require_safe
def styleguide_people(request: HttpRequest) -> HttpResponse:
    """Give the options of the styleguide's choice among many."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return JsonResponse(pieces.people(request.GET.get("search", "")))


@require_safe
def styleguide_drawer(request: HttpRequest) -> HttpResponse:
    """Show a page that the styleguide's drawer shows, and that stands by itself."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "dashboard/styleguide/drawer.html", {"shell": Shell(request)})


def _choose(request: HttpRequest, what: str, choices: dict[str, str]) -> HttpResponse:
    chosen = request.POST.get(what, "")
    if chosen not in choices:
        return HttpResponse(status=400)
    if isinstance(request.user, User):
        people.change(request.user, **{what: chosen})
    return _remember(redirect(way_back(request)), **{what: chosen})


@require_POST
def set_density(request: HttpRequest) -> HttpResponse:
    """Set how close the rows of tables stand, in this browser."""
    chosen = request.POST.get("density", "")
    if chosen not in tables.DENSITIES:
        return HttpResponse(status=400)
    response = redirect(way_back(request))
    response.set_cookie(
        tables.DENSITY_COOKIE,
        chosen,
        max_age=A_YEAR,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _remember(response: HttpResponse, *, language: str = "", theme: str = "") -> HttpResponse:
    """Let this browser know them too, so that the sign-in page already speaks the right language
    in the right light.
    """
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, language), ("koppel_theme", theme)):
        if value:
            response.set_cookie(
                name, value, max_age=A_YEAR, secure=settings.SECURE, httponly=True, samesite="Lax"
            )
    return response


def way_back(request: HttpRequest, otherwise: str = "/") -> str:
    """Return the page of this house that a form names to go back to;
    another where it names none.
    """
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=request.is_secure()
    )
    if not safe:
        return otherwise
    return back


def onward(request: HttpRequest, address: str) -> HttpResponse:
    """Lead on after a form was taken: by a redirect, and from a drawer by an address
    that its script goes to.

    A script would follow a redirect itself, and see what the next page has to say
    in the person's place.
    """
    if request.headers.get("Koppel-Drawer") == "1":
        return HttpResponse(status=204, headers={"Koppel-Location": address})
    return redirect(address)


def person(request: HttpRequest) -> User:
    """Return who asks: behind `login_required` always somebody."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _run_or_404(request: HttpRequest, run_id: UUID) -> Run:
    found = queries.run(person(request), run_id)
    if found is None:
        raise Http404
    return found


def _shown(run: Run, request: HttpRequest) -> dict[str, Any]:
    """Return what both parts of a run's page tell this person of it."""
    user = person(request)
    shown = details.of(run, for_staff=access.sees_everything(user))
    why = blame.Reader(user).why(run)
    return {
        "run": run,
        "why": why,
        "outcome_table": run_tables.outcomes(shown["outcomes"]),
        **shown,
    }
