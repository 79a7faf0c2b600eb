"""The home page, the part of it that looks at Koppel itself, and the check of the audit
log that it starts.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls.access import calls_for, may_work
from calls.models import CallAction
from calls.services import actions
from core.audit import verifying
from core.health import readiness
from dashboard.home import auditor, roles
from dashboard.navigation import Shell
from dashboard.views import person

SHOWN_OF_AN_ACTION: Final = 80


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the person's day."""
    shell = Shell(request)
    page = roles.home(person(request), shell)
    return render(request, f"dashboard/home/{page['kind']}.html", {"shell": shell, **page})


@require_safe
@login_required
def health_parts(request: HttpRequest) -> HttpResponse:
    """Show which part of Koppel itself answers: apart from the home, which a part that hangs
    is not to hold up.
    """
    if not Shell(request).is_staff:
        raise Http404
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    parts = _parts()
    template = "dashboard/health_page.html"
    if is_part:
        template = "dashboard/health.html"
    context = {"parts": parts, "is_short": is_part, "is_well": all(part["ok"] for part in parts)}
    return render(request, template, context)


@require_POST
@login_required
def finish(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Tick an action item of a call that the person sees; done again it changes nothing."""
    user = person(request)
    seen = calls_for(user, Shell(request).scope)
    action = get_object_or_404(
        CallAction.objects.select_related("call"), pk=action_id, call__in=seen.values("pk")
    )
    if not may_work(user, action.call):
        raise PermissionDenied
    actions.change(action, actor=user, request=request, done=True)
    messages.success(request, _("Done: %(action)s") % {"action": action.text[:SHOWN_OF_AN_ACTION]})
    return redirect("dashboard:home")


@require_POST
@login_required
def verify(request: HttpRequest) -> HttpResponse:
    """Read the whole audit log in a run; for whoever may not see the log this does not exist."""
    user = person(request)
    if not auditor.sees_the_log(user):
        raise Http404
    started = verifying.start(trigger="page", started_by=user)
    messages.info(request, started.message)
    return redirect("dashboard:run", started.run.pk)


def _parts() -> list[dict[str, Any]]:
    """Return the parts that /readyz asks, in the reader's words."""
    found = readiness.check()
    words = {
        "database": _("Database"),
        "redis": _("Queue"),
        "worker": _("Worker"),
        "beat": _("Timetable"),
    }
    return [{"name": words.get(part, part), "ok": found[part]["state"] == "ok"} for part in found]
