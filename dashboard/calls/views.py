"""The pages of calls. What a person does not see is not there;
who sees what is said in `calls.access` alone.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls import livekit, recordings, transcripts
from calls.models import Call
from core.admin.export import in_slices, recorded, stream
from crm import access, services
from crm.models import Organization
from dashboard.calls import detail, figures, rep_choice, reps
from dashboard.calls import library as queries
from dashboard.calls.forms import MAX_SEARCH, CallSettingsForm
from dashboard.calls.rows import Row
from dashboard.navigation import Shell
from dashboard.tables import in_language
from dashboard.views import person


@require_safe
@login_required
def library(request: HttpRequest) -> HttpResponse:
    """Show all calls, found by their words and cut by filters."""
    access.remember_memberships(person(request))
    shell = Shell(request)
    page = queries.library(person(request), shell, request)
    return render(request, "dashboard/calls/library.html", {"shell": shell, **page})


@require_POST
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Return the calls of an address as CSV, for those who may take them along;
    it is noted who did.
    """
    shell = Shell(request)
    if not queries.may_export(person(request), shell):
        raise PermissionDenied
    table, found = queries.export(person(request), shell.scope, request.GET)
    recorded(request, "export.made", "calls")
    lines = table.csv_rows(Row(call) for call in in_slices(found, ("happened_at", "pk")))
    return stream(
        f"calls-{timezone.now():%Y%m%d-%H%M}.csv",
        table.csv_header(),
        in_language(get_language(), lines),
    )


@require_safe
@login_required
def rep_options(request: HttpRequest) -> JsonResponse:
    """Return the reps whose name is being typed, among those that this person may see."""
    words = request.GET.get("search", "")[:MAX_SEARCH].strip()
    at_work = "at_work" in request.GET
    return JsonResponse(
        rep_choice.options(person(request), Shell(request).scope, words, at_work=at_work)
    )


@require_safe
@login_required
def call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Show one call. Its recording may be played from where it lies, on this page alone."""
    access.remember_memberships(person(request))
    shell = Shell(request)
    page = detail.page(person(request), shell, request.GET, call_id)
    if page is None:
        # A link that a colleague shared: whether there is such a call is not said.
        return render(request, "dashboard/calls/not_shown.html", {"shell": shell}, status=404)
    page |= {"words": _words(request), "shell": shell}
    page["may_write_again"] = _may_write_again(request, page["call"], page["writing"])
    page["share"] = request.build_absolute_uri(request.path)
    response = render(request, "dashboard/calls/call.html", page)
    # django-csp's own decorator sets it so.
    response._csp_update = {"media-src": page["films"].origins}  # type: ignore[attr-defined]
    return response


@require_safe
@login_required
def transcript(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Show what was said: the part that a long call's page asks for, or a page of its own
    where no script runs.
    """
    found = _call_or_404(request, call_id)
    films = detail.films(found)
    lines = detail.transcript_of(found, films, found.actions.all())
    part = "transcript_page"
    if request.htmx:  # type: ignore[attr-defined]
        part = "transcript"
    return render(
        request,
        f"dashboard/calls/{part}.html",
        {"call": found, "lines": lines, "words": _words(request)},
    )


@require_POST
@login_required
def write_again(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Have what failed of a call written down once more."""
    found = _call_or_404(request, call_id)
    if not access.owns(person(request), found.organization_id):
        raise PermissionDenied
    if transcripts.try_again(found, person(request)):
        messages.success(
            request, _("What was said is being written down. Look again in a few minutes.")
        )
    else:
        messages.info(request, _("Nothing of this call can be written down again."))
    return redirect("dashboard:call", call_id)


@require_safe
@login_required
def recording(request: HttpRequest, call_id: UUID, recording_id: UUID) -> HttpResponse:
    """Lead to a recording: by a link that works for some minutes,
    signed each time that a player asks.
    """
    found = detail.recording(person(request), call_id, recording_id)
    link = None
    if found:
        link = recordings.link(found)
    if link is None:
        raise Http404
    return HttpResponseRedirect(link)


@require_safe
@login_required
def rep_list(request: HttpRequest) -> HttpResponse:
    """Show the reps that this person may see."""
    shell = Shell(request)
    page = reps.reps(person(request), shell, request.GET)
    return render(request, "dashboard/calls/reps.html", {"shell": shell, **page})


@require_safe
@login_required
def rep(request: HttpRequest, rep_id: UUID) -> HttpResponse:
    """Show one rep and their calls."""
    found = reps.rep(person(request), rep_id)
    if found is None:
        raise Http404
    return render(
        request, "dashboard/calls/rep.html", reps.page(person(request), found, request.GET)
    )


@require_safe
@login_required
def statistics(request: HttpRequest) -> HttpResponse:
    """Show how many, how long, how well attended."""
    access.remember_memberships(person(request))
    shell = Shell(request)
    page = figures.page(person(request), shell, request.GET)
    return render(request, "dashboard/calls/statistics.html", {"shell": shell, **page})


@require_POST
@login_required
def statistics_export(request: HttpRequest) -> StreamingHttpResponse:
    """Return one table of statistics as CSV, with all its rows; it is noted who took it along."""
    shell = Shell(request)
    if not figures.may_take_along(person(request), shell):
        raise PermissionDenied
    found = figures.export(person(request), shell.scope, request.GET)
    if found is None:
        raise Http404
    table, groups = found
    recorded(request, "export.made", "statistics")
    name = f"statistics-{request.GET['by']}-{timezone.now():%Y%m%d-%H%M}.csv"
    return stream(name, table.csv_header(), in_language(get_language(), table.csv_rows(groups)))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """Show what is recorded and written down, and how long recordings stay,
    to whoever chooses for an organization.
    """
    shell = Shell(request)
    organization = _owned(shell)
    form = CallSettingsForm(
        request.POST or None, initial=_chosen(organization), sent_to=transcripts.sent_to()
    )
    if request.method != "POST" or not form.is_valid():
        month = figures.of_last_month(person(request), organization.pk)
        no_recorder = livekit.configured() and not livekit.can_record()
        context = {"shell": shell, "form": form, "figures": month, "no_recorder": no_recorder}
        return render(request, "dashboard/calls/settings.html", context)
    services.change_settings(
        organization=organization,
        actor=person(request),
        request=request,
        **form.cleaned_data,
    )
    messages.success(request, _("Your choice is saved. It holds from the next call on."))
    return redirect("dashboard:call_settings")


def _may_write_again(request: HttpRequest, found: Call, writing: detail.Writing | None) -> bool:
    """Tell whether something failed, and this person chooses what is written down."""
    if writing is None or not writing.failed:
        return False
    return access.owns(person(request), found.organization_id) and transcripts.may_try_again(found)


def _words(request: HttpRequest) -> str:
    """Return what was looked for, to be found again in what was said."""
    return request.GET.get("search", "")[:MAX_SEARCH]


def _owned(shell: Shell) -> Organization:
    if shell.current is None:
        raise Http404
    if not shell.owns:
        raise PermissionDenied
    return shell.current


def _chosen(organization: Organization) -> dict[str, object]:
    settings = services.settings_of(organization)
    return {name: getattr(settings, name) for name in CallSettingsForm.base_fields}


def _call_or_404(request: HttpRequest, call_id: UUID) -> Call:
    found = detail.call(person(request), call_id)
    if found is None:
        raise Http404
    return found
