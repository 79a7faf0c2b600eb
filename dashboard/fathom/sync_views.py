"""The pages of Fathom's syncs. A button starts what the API starts;
what a person may not see does not exist.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import runs
from crm.models import SalesRep
from dashboard.calls import reps
from dashboard.fathom import sync, tables
from dashboard.navigation import Shell
from dashboard.views import person
from fathom_sync import access
from fathom_sync.syncs import starting


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show range, start, live progress, history; POST starts."""
    shell = _shell(request)
    if request.method != "POST":
        return render(
            request, "dashboard/fathom/sync.html", {"shell": shell, **_shown(request, shell)}
        )
    if not sync.may_start(person(request), shell):
        raise PermissionDenied
    hours = request.POST.get("hours", "")
    whole = request.POST.get("what") == "range"
    if whole and hours not in map(str, sync.RANGES):
        return HttpResponse(status=400)
    _say(
        request,
        sync.start(person(request), shell, hours=int(hours) if whole else None, reset=whole),
    )
    return redirect("dashboard:fathom_sync")


@require_safe
@login_required
def live(request: HttpRequest) -> HttpResponse:
    """Show the moving part, asked for every two seconds while a sync is under way."""
    shell = _shell(request)
    shown = sync.live(person(request), shell)
    context = {"shell": shell, **shown, "history_table": tables.history(shown["history"])}
    return render(request, "dashboard/fathom/sync_live.html", context)


@require_POST
@login_required
def refresh(request: HttpRequest, rep_id: UUID) -> HttpResponse:
    """Fetch this rep's newest calls now."""
    rep = _rep(request, rep_id)
    if not access.may_sync_rep(person(request), rep):
        raise PermissionDenied
    started = starting.for_rep(rep, hours=24 * 7, trigger="manual", started_by=person(request))
    if not request.htmx:  # type: ignore[attr-defined]
        _say(request, started)
        return redirect("dashboard:rep", rep.pk)
    return render(request, "dashboard/fathom/refresh.html", _refreshing(request, rep))


@require_safe
@login_required
def refreshed(request: HttpRequest, rep_id: UUID) -> HttpResponse:
    """Show how that goes."""
    rep = _rep(request, rep_id)
    return render(request, "dashboard/fathom/refresh.html", _refreshing(request, rep))


def _shell(request: HttpRequest) -> Shell:
    shell = Shell(request)
    if not shell.syncs_fathom:
        raise Http404
    return shell


def _shown(request: HttpRequest, shell: Shell) -> dict[str, object]:
    shown = sync.page(person(request), shell)
    return shown | {"history_table": tables.history(shown["history"])}


def _say(request: HttpRequest, started: list[runs.Started]) -> None:
    if not started:
        messages.error(
            request, _("There is no API key for Fathom here. Enter one in the settings.")
        )
    else:
        tell = messages.info
        if any(each.is_new for each in started):
            tell = messages.success
        tell(request, runs.message(started))


def _refreshing(request: HttpRequest, rep: SalesRep) -> dict[str, object]:
    return {"rep": rep, "refreshing": sync.refreshing(person(request), rep)}


def _rep(request: HttpRequest, rep_id: UUID) -> SalesRep:
    found = reps.rep(person(request), rep_id)
    if found is None or found.archived_at is not None:
        raise Http404
    return found
