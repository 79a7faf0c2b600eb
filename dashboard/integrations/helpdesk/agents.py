"""Agents at a Chatwoot, and who answers in which inbox."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import VendorError
from core.http import turns
from crm.models import Organization
from dashboard.integrations.helpdesk import desk as desks
from dashboard.integrations.helpdesk.desk import Place
from dashboard.integrations.helpdesk.forms import AgentForm, AssignForm
from dashboard.integrations.views import FOLDER
from integrations.helpdesk import agents, inboxes, limits
from integrations.tiers import TierLimit


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show agents and inboxes; POST makes an agent."""
    if request.method != "POST":
        return _shown(request, desks.found(request), AgentForm())
    place = desks.found(request, to_change=True)
    if place.desk is None:
        raise Http404
    form = AgentForm(request.POST)
    if form.is_valid() and _made(request, place, form):
        return redirect(f"{reverse('dashboard:helpdesk')}{place.query}")
    return _shown(request, place, form)


@require_POST
@login_required
def assign(request: HttpRequest) -> HttpResponse:
    """Put an agent into an inbox, or take them out."""
    place = desks.found(request, to_change=True)
    form = AssignForm(request.POST)
    if place.desk is None:
        raise Http404
    if not form.is_valid():
        return HttpResponseBadRequest()
    wish = form.cleaned_data
    try:
        inboxes.assign(
            place.desk,
            place.visit.user,
            agent_id=wish["agent"],
            inbox_id=wish["inbox"],
            action=wish["action"],
            request=request,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (VendorError, turns.Busy) as error:
        messages.error(request, str(getattr(error, "message", "") or error))
    else:
        text = _("The agent answers in this inbox now.")
        if wish["action"] == inboxes.REMOVE:
            text = _("The agent no longer answers in this inbox.")
        messages.success(request, text)
    return redirect(f"{reverse('dashboard:helpdesk')}{place.query}#inboxes")


def _shown(request: HttpRequest, place: Place, form: AgentForm) -> HttpResponse:
    """Show what Chatwoot lists, or why it cannot be asked."""
    context: dict[str, Any] = place.context(form=form, limit=limits.of(place.organization))
    if place.desk is not None:
        try:
            turns.take()
            listed = agents.listed(place.desk, place.visit.user)
            context |= {
                "listed": listed,
                "inboxes": _rows(inboxes.listed(place.desk, place.visit.user), listed),
                "next_plan": _label(limits.next_plan(place.organization, listed.used)),
                "is_full": not limits.has_room(place.organization, listed.used),
            }
        except (VendorError, turns.Busy) as error:
            context["failure"] = str(getattr(error, "message", "") or error)
    return render(request, f"{FOLDER}/helpdesk.html", context)


def _label(plan: str) -> str:
    if not plan:
        return ""
    return str(Organization.Tier(plan).label)


def _rows(found: list[dict[str, Any]], listed: agents.Listed) -> list[dict[str, Any]]:
    """Return each inbox with the agents who answer in it, and those who could be added."""
    rows = []
    for inbox in found:
        numbers = inbox["agentIds"]
        inside = [agent for agent in listed.agents if agent["id"] in (numbers or ())]
        outside = [agent for agent in listed.agents if agent not in inside]
        rows.append(
            {"inbox": inbox, "is_known": numbers is not None, "inside": inside, "outside": outside}
        )
    return rows


def _made(request: HttpRequest, place: Place, form: AgentForm) -> bool:
    """Make the agent, and tell whether it was; what was refused stands on the form."""
    if place.desk is None:
        return False
    try:
        made = agents.create(place.desk, place.visit.user, request=request, **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return False
    except (VendorError, TierLimit, turns.Busy) as error:
        form.add_error(None, str(getattr(error, "message", "") or error))
        return False
    text = _("The agent can sign in at Chatwoot with this password.")
    if made.is_invited:
        text = _(
            "Chatwoot has mailed an invitation to %(email)s; the agent chooses a password there."
        )
        text %= {"email": made.agent["email"]}
    messages.success(request, text)
    return True
