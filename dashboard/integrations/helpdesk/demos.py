"""Demos at a Chatwoot, and the widget that each is tried with."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Conflicting, VendorError
from core.http import turns
from dashboard.integrations.helpdesk import desk as desks
from dashboard.integrations.helpdesk.desk import Place
from dashboard.integrations.helpdesk.forms import DemoForm, WidgetForm
from dashboard.integrations.views import FOLDER
from dashboard.views import person
from integrations import tiers
from integrations.helpdesk import demos, limits, widgets
from integrations.models import Demo
from integrations.tiers import TierLimit

MOST = 100


class Row:
    """A demo as the page shows it."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.state = demos.state_of(demo)
        self.error = demos.error_of(demo)
        self.widget_url = reverse("dashboard:widget", args=[demo.pk])
        self.dialog_id = f"delete-{demo.pk}"

    @property
    def is_ready(self) -> bool:
        return self.state == Demo.State.READY


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show the person's demos; POST has one made."""
    if request.method != "POST":
        return _shown(request, desks.found(request), DemoForm())
    place = desks.found(request, to_change=True)
    if place.desk is None:
        raise Http404
    form = DemoForm(request.POST)
    if form.is_valid():
        try:
            asked = demos.ask(place.desk, place.visit.user, request=request, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            text = _("This demo is there already.")
            if asked.started is not None:
                text = asked.started.message
            messages.success(request, text)
            return redirect(f"{reverse('dashboard:demos')}{place.query}")
    return _shown(request, place, form)


@require_safe
@login_required
def widget(request: HttpRequest, demo_id: UUID) -> HttpResponse:
    """Show how the widget of a demo will look, and the script of it."""
    demo = found(request, demo_id)
    form = WidgetForm(request.GET or None, initial={"position": "right", "type": "standard"})
    context: dict[str, Any] = {
        "demo": demo,
        "form": form,
        "list_url": reverse("dashboard:integrations"),
    }
    context |= _script(demo, form)
    template = "widget.html"
    if request.htmx:  # type: ignore[attr-defined]
        template = "widget_script.html"
    return render(request, f"{FOLDER}/{template}", context)


@require_POST
@login_required
def delete(request: HttpRequest, demo_id: UUID) -> HttpResponse:
    """Delete a demo at Chatwoot and here."""
    demo = found(request, demo_id)
    try:
        demos.remove(demo, actor=person(request), request=request)
    except (Conflicting, VendorError, turns.Busy) as error:
        messages.error(request, str(getattr(error, "message", "") or error))
    else:
        messages.success(request, _("The demo is deleted, at Chatwoot too."))
    return redirect("dashboard:demos")


def _shown(request: HttpRequest, place: Place, form: DemoForm) -> HttpResponse:
    rows = (
        demos.demos_for(place.visit.user)
        .filter(organization=place.organization)
        .order_by("-created_at", "-pk")
    )
    shown = [Row(demo) for demo in rows[:MOST]]
    context = place.context(
        form=form,
        demos=shown,
        is_making=any(row.state == Demo.State.CREATING for row in shown),
        widget_tier=_needed(place),
    )
    template = "demos.html"
    if request.htmx:  # type: ignore[attr-defined]
        template = "demos_list.html"
    return render(request, f"{FOLDER}/{template}", context)


def _needed(place: Place) -> str:
    """Return the words for the tier that unlocks widgets; '' where the organization's reaches."""
    if tiers.reaches(place.organization.tier, limits.WIDGET):
        return ""
    return str(limits.WIDGET.label)


def found(request: HttpRequest, demo_id: UUID) -> Demo:
    """Return the demo that an address means; 404 for any that the person does not see."""
    demo = demos.demos_for(person(request)).filter(pk=demo_id).first()
    if demo is None:
        raise Http404
    return demo


def _script(demo: Demo, form: WidgetForm) -> dict[str, Any]:
    """Return the script for what was chosen, or why there is none."""
    chosen: dict[str, str] = {}
    if form.is_bound:
        if not form.is_valid():
            return {}
        chosen = form.chosen
    try:
        script = widgets.script_for(demo, widgets.look_of(**chosen))
        preview = f"{reverse('dashboard:widget_preview', args=[demo.pk])}?{urlencode(chosen)}"
        return {"script": script, "preview_url": preview}
    except TierLimit as limit:
        return {"refused": str(limit), "needs_plan": True}
    except Conflicting as error:
        return {"refused": " ".join(error.messages)}
    except ValidationError as error:
        form.refuse(error)
        return {}
