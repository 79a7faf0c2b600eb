"""What the buttons of an integration do; each is a service of `integrations`,
and says afterwards what came of it.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import vendors
from core.errors import VendorError
from core.http import turns
from dashboard.integrations import entering, testing
from dashboard.integrations.detail import Detail, may_test
from dashboard.integrations.using import SharingForm, TransferForm
from dashboard.integrations.views import FOLDER, tell_saved
from dashboard.views import person, way_back
from integrations import access, services
from integrations.models import Integration
from integrations.tiers import TierLimit

LIST = "dashboard:integrations"


@require_POST
@login_required
def check(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Try what is stored: its steps for scripts, what came of it without them."""
    integration = entering.named(request, integration_id)
    if not may_test(person(request)):
        raise PermissionDenied
    found = testing.of_stored(request, integration)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, f"{FOLDER}/tested.html", found)
    tested = found.get("tested")
    if tested is None:
        messages.error(request, found["refused"])
    else:
        tell = messages.success if tested.success else messages.error
        tell(request, f"{integration}: {tested.message or _('The connection works.')}")
    return redirect(_back(request, integration))


@require_POST
@login_required
def switch(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Switch it on or off."""

    def act(integration: Integration) -> str:
        if request.POST.get("is_active") == "on":
            services.activate(integration, **by(request))
            return _("It is switched on.")
        services.deactivate(integration, **by(request))
        return _("It is switched off.")

    return done(request, integration_id, access.CHANGE, act)


@require_POST
@login_required
def decide(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Use the values that wait, or discard them."""
    integration = entering.named(request, integration_id, access.CHANGE)
    refused = testing.too_often(request)
    if request.POST.get("what") == "discard":
        vendors.discard_next(integration.account, **by(request))
        messages.success(request, _("The new values are discarded."))
    elif refused:
        messages.error(request, refused)
    elif vendors.has_next(integration.account):
        try:
            tell_saved(request, vendors.use_next(integration.account, **by(request)))
        except turns.Busy as busy:
            messages.error(request, str(busy))
    return redirect(_back(request, integration))


@require_POST
@login_required
def settle(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Store who may use it, how often it fetches, and what stands in for it."""
    detail = Detail.of(request, integration_id, access.CHANGE)
    form = SharingForm(detail.integration, request.POST, has_contacts=detail.row.has_contacts)
    if not form.is_valid():
        return render(request, f"{FOLDER}/connection.html", detail.connection(sharing=form))

    def act(integration: Integration) -> str:
        chosen = form.cleaned_data
        with transaction.atomic():
            services.share(integration, is_shared=chosen["is_shared"], **by(request))
            if chosen["fallback"] != integration.fallback:
                services.stand_in(integration, chosen["fallback"], **by(request))
            if "sync_every" in chosen and chosen["sync_every"] != integration.sync_every:
                services.schedule(integration, chosen["sync_every"], **by(request))
        return _("Saved.")

    return done(request, integration_id, access.CHANGE, act)


@require_POST
@login_required
def transfer(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Give it to a colleague."""
    detail = Detail.of(request, integration_id, access.CHANGE)
    form = TransferForm(detail.integration, request.POST)
    if not form.is_valid():
        return render(request, f"{FOLDER}/connection.html", detail.connection(transfer=form))

    def act(integration: Integration) -> str:
        services.transfer(integration, form.cleaned_data["owner"], **by(request))
        return _("It belongs to your colleague now.")

    return done(request, integration_id, access.CHANGE, act, back=reverse(LIST))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Say what would stop, and ask; POST deletes it with its values."""
    if request.method != "POST":
        detail = Detail.of(request, integration_id, access.DELETE)
        return render(request, f"{FOLDER}/delete.html", detail.context(stops=detail.row.stops()))

    def act(integration: Integration) -> str:
        services.remove(integration, **by(request))
        return _("It is deleted. What it brought in stays.")

    return done(request, integration_id, access.DELETE, act, back=reverse(LIST))


def by(request: HttpRequest) -> dict[str, Any]:
    """Return who does it, as every service is told."""
    return {"actor": person(request), "request": request}


def done(
    request: HttpRequest,
    integration_id: UUID,
    permission: str,
    act: Callable[[Integration], str],
    *,
    back: str = "",
) -> HttpResponse:
    """Do it where the person may, say what came of it, and lead back to where they were."""
    integration = entering.named(request, integration_id, permission)
    name = str(integration)
    try:
        messages.success(request, f"{name}: {act(integration)}")
    except ValidationError as error:
        messages.error(request, f"{name}: {' '.join(error.messages)}")
    except (VendorError, TierLimit, turns.Busy) as error:
        messages.error(request, f"{name}: {getattr(error, 'message', '') or error}")
    return redirect(back or _back(request, integration))


def _back(request: HttpRequest, integration: Integration) -> str:
    return way_back(request, reverse("dashboard:integration", args=[integration.pk]))
