"""The pages of Email Bison's workspaces, and what their buttons do;
every act is a service of `bison`.

Members of organizations do not know that they exist; staff without the permission are told so.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bison import access
from bison.models import Workspace
from core import inbox
from core.admin.export import recorded, stream
from core.models import InboundEvent
from core.outgoing import exporting
from dashboard.views import person
from dashboard.workspaces import choosing, detail, entry, health, keys, logs, runway, webhooks
from dashboard.workspaces.tabs import entered, tabs


@require_safe
@login_required
def keys_tab(request: HttpRequest) -> HttpResponse:
    """Show the workspaces and their keys."""
    may = entered(request, access.SEE)
    context = {"may": may, "tabs": tabs(request), **keys.page(request, may_export=may.export)}
    return render(request, "dashboard/workspaces/keys.html", context)


@require_safe
@login_required
def usage(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Show where the key of a workspace is used."""
    entered(request, access.SEE)
    return render(
        request, "dashboard/workspaces/usage.html", detail.usage(found_or_404(workspace_id))
    )


@require_safe
@login_required
def webhooks_tab(request: HttpRequest) -> HttpResponse:
    """Show the workspaces and their webhooks."""
    may = entered(request, access.SEE)
    context = {"may": may, "tabs": tabs(request), **webhooks.page(request)}
    return render(request, "dashboard/workspaces/webhooks.html", context)


@require_safe
@login_required
def runway_tab(request: HttpRequest) -> HttpResponse:
    """Show which workspaces have nothing left to send first."""
    may = entered(request, access.SEE)
    context = {"may": may, "tabs": tabs(request), **runway.page(request)}
    return render(request, "dashboard/workspaces/runway.html", context)


@require_safe
@login_required
def workspace(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Show one workspace: what is known of it, in one place."""
    may = entered(request, access.SEE)
    found = found_or_404(workspace_id)
    return render(
        request, "dashboard/workspaces/workspace.html", {"may": may, **detail.page(found)}
    )


@require_safe
@login_required
def calls_tab(request: HttpRequest) -> HttpResponse:
    """Show every call to Email Bison."""
    may = entered(request, access.SEE_CALLS)
    page = logs.calls(request, may_export=may.export_calls)
    return render(
        request, "dashboard/workspaces/calls.html", {"may": may, "tabs": tabs(request), **page}
    )


@require_POST
@login_required
def calls_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the calls of an address as CSV, however many; it is noted who took them."""
    entered(request, access.SEE_CALLS)
    entered(request, access.EXPORT_CALLS)
    rows = exporting.rows(logs.asked_calls(request.GET))
    recorded(request, "export.made", "api-calls")
    return stream(f"api-calls-{timezone.now():%Y%m%d-%H%M}.csv", list(exporting.COLUMNS), rows)


@require_safe
@login_required
def call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Show one call, with all that is kept of it."""
    entered(request, access.SEE_CALLS)
    found = logs.call(call_id)
    if found is None:
        raise Http404
    return render(request, "dashboard/workspaces/entry.html", entry.of_call(found))


@require_safe
@login_required
def events_tab(request: HttpRequest) -> HttpResponse:
    """Show every delivery from Email Bison."""
    may = entered(request, access.SEE_EVENTS)
    context = {"may": may, "tabs": tabs(request), **logs.deliveries(request)}
    return render(request, "dashboard/workspaces/events.html", context)


@require_safe
@login_required
def event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Show one delivery, with all that is kept of it."""
    may = entered(request, access.SEE_EVENTS)
    return render(request, "dashboard/workspaces/entry.html", entry.of_event(_event(event_id), may))


@require_POST
@login_required
def replay(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Have a delivery worked once more."""
    entered(request, access.REPLAY)
    found = _event(event_id)
    if inbox.replay([found.pk], person(request), request):
        messages.success(request, _("It is worked once more."))
    else:
        messages.info(request, _("It was worked already, or is about to be: nothing was done."))
    return redirect("dashboard:workspace_event", event_id)


@require_safe
@login_required
def health_tab(request: HttpRequest) -> HttpResponse:
    """Show how many workspaces are well, and how calls went."""
    may = entered(request, access.SEE)
    context = {"may": may, "tabs": tabs(request), **health.page(request)}
    return render(request, "dashboard/workspaces/health.html", context)


def _event(event_id: UUID) -> InboundEvent:
    found = logs.delivery(event_id)
    if found is None:
        raise Http404
    return found


def found_or_404(workspace_id: UUID) -> Workspace:
    """Return the workspace, or raise Http404."""
    found = choosing.named(workspace_id)
    if found is None:
        raise Http404
    return found
