"""The pages of incidents, and what their buttons do; every act
is a service of crm.services.incidents.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.alerts import audience
from core.errors import Conflicting
from core.models import Incident, MaintenanceWindow
from crm.services import incidents as service
from dashboard.incidents import notices, pages, uptimes, windows
from dashboard.incidents.forms import NoteForm, SnoozeForm, WindowForm
from dashboard.navigation import Shell
from dashboard.views import onward, person, way_back

TABS = {
    "incidents": gettext_lazy("Incidents"),
    "uptime": gettext_lazy("Uptime"),
    "maintenance": gettext_lazy("Maintenance"),
}


def _entered(request: HttpRequest) -> Shell:
    """Return the frame of the page; whoever runs nothing has no incidents."""
    shell = Shell(request)
    if not shell.sees_runs:
        raise Http404
    return shell


def _tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(f"dashboard:{name}"), "current": name == current}
        for name, label in TABS.items()
    ]


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Show what is wrong, what was, and what helps."""
    shell = _entered(request)
    context = {
        "shell": shell,
        "tabs": _tabs("incidents"),
        **pages.index(request, shell, person(request)),
    }
    return render(request, "dashboard/incidents/index.html", context)


@require_safe
@login_required
def incident(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Show one incident with its history and evidence."""
    shell = _entered(request)
    context = {"shell": shell, "note_form": NoteForm(), "snooze_form": SnoozeForm()}
    return render(
        request,
        "dashboard/incidents/incident.html",
        context | pages.details(_found(request, incident_id), shell),
    )


@require_POST
@login_required
def acknowledge(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Say that this person looks after it."""
    form = NoteForm(request.POST)

    def act(found: Incident) -> str:
        service.acknowledge(
            found, actor=person(request), note=form.cleaned_data["note"], request=request
        )
        return _("Acknowledged. You are named as the one who looks after it.")

    return _attend(request, incident_id, form, act)


@require_POST
@login_required
def snooze(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Be silent about it for a while, or no longer."""
    form = SnoozeForm(request.POST)

    def act(found: Incident) -> str:
        until = form.moment()
        service.snooze(found, until, actor=person(request), request=request)
        if until is None:
            return _("The snooze is over.")
        return _("Snoozed. You hear of it again if it becomes critical.")

    return _attend(request, incident_id, form, act)


def _attend(
    request: HttpRequest, incident_id: UUID, form: Any, act: Callable[[Incident], str]
) -> HttpResponse:
    _entered(request)
    found = _found(request, incident_id)
    if not service.may_attend(person(request), found):
        raise PermissionDenied
    if not form.is_valid():
        messages.error(request, " ".join(text for texts in form.errors.values() for text in texts))
    else:
        try:
            messages.success(request, act(found))
        except Conflicting as error:
            messages.info(request, " ".join(error.messages))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    return onward(request, way_back(request, reverse("dashboard:incident", args=[incident_id])))


def _found(request: HttpRequest, incident_id: UUID) -> Incident:
    found = pages.found(person(request), incident_id)
    if found is None:
        raise Http404
    return found


@require_safe
@login_required
def uptime(request: HttpRequest) -> HttpResponse:
    """Show on which days everything was well."""
    shell = _entered(request)
    context = {
        "shell": shell,
        "tabs": _tabs("uptime"),
        **uptimes.page(request, person(request), shell),
    }
    return render(request, "dashboard/incidents/uptime.html", context)


@require_safe
@login_required
def maintenance(request: HttpRequest) -> HttpResponse:
    """Show what is silent, when and why."""
    shell = _entered(request)
    context = {
        "shell": shell,
        "tabs": _tabs("maintenance"),
        **windows.page(request, person(request), shell),
    }
    return render(request, "dashboard/incidents/maintenance.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a maintenance window."""
    shell = _entered(request)
    user = person(request)
    if not service.plans(user):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = windows.new_form(user, data, about=request.GET.get("about", ""))
    if data is not None and form.is_valid():
        kind, _bar, key = form.cleaned_data["subject"].partition("|")
        values = {name: form.cleaned_data[name] for name in ("starts", "ends", "reason")}
        try:
            service.plan(kind, key, **values, actor=user, request=request)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The maintenance is planned."))
            return onward(request, reverse("dashboard:maintenance"))
    return render(request, "dashboard/incidents/plan.html", {"shell": shell, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def window(request: HttpRequest, window_id: UUID) -> HttpResponse:
    """Show one window; POST moves it."""
    shell = _entered(request)
    user, found = person(request), _window(request, window_id)
    form = None
    if request.method == "POST":
        form = WindowForm.of(found, request.POST)
        if form.is_valid() and _changed(request, found, form):
            return onward(request, reverse("dashboard:maintenance"))
    context = {"shell": shell, **windows.details(found, user, form)}
    return render(request, "dashboard/incidents/window.html", context)


def _changed(request: HttpRequest, found: MaintenanceWindow, form: WindowForm) -> bool:
    try:
        service.change_window(found, actor=person(request), request=request, **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return False
    messages.success(request, _("The maintenance is changed."))
    return True


@require_POST
@login_required
def end_window(request: HttpRequest, window_id: UUID) -> HttpResponse:
    """End a window now."""
    _entered(request)
    try:
        service.end_window(_window(request, window_id), actor=person(request), request=request)
        messages.success(request, _("The maintenance is over."))
    except Conflicting as error:
        messages.info(request, " ".join(error.messages))
    return onward(request, reverse("dashboard:maintenance"))


def _window(request: HttpRequest, window_id: UUID) -> MaintenanceWindow:
    return get_object_or_404(service.windows_for(person(request)), pk=window_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """Show what this person is mailed; POST changes it."""
    user = person(request)
    if not audience.news_for(user):
        raise Http404
    form = notices.form_of(user, request)
    if request.method == "POST" and form.is_valid():
        messages.success(request, notices.save(user, form, request))
        return onward(request, reverse("dashboard:notifications"))
    return render(
        request, "dashboard/incidents/notifications.html", {"form": form, "address": user.email}
    )
