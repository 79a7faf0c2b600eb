"""Signing in at a service: going there, coming back, and taking its access back."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.api import throttles
from core.errors import VendorError
from crm.models import Organization
from dashboard.integrations import entering, new
from dashboard.integrations.catalog import Service
from dashboard.integrations.detail import Detail
from dashboard.integrations.granting import SignInForm, can_sign_in
from dashboard.views import person, way_back
from integrations import access, registry
from integrations.models import Integration
from integrations.oauth import leaving, starting
from integrations.oauth.problems import Problem
from integrations.services.creating import NotForRole
from integrations.tiers import TierLimit

LEAVING: Final = "dashboard/integrations/leaving.html"
STARTS: Final = "oauth-start"
STARTS_PER_MINUTE: Final = 20
TOO_OFTEN: Final = _("You have started this often enough for the moment. Try again in a minute.")


@require_POST
@login_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to a service, to connect it by signing in there."""
    visit = entering.entered(request)
    chosen = new.service(request, visit)
    if chosen is None or not can_sign_in(chosen.provider):
        raise Http404
    if not visit.may_add or visit.organization is None:
        raise PermissionDenied
    form = SignInForm(chosen.provider, request.POST)
    return _sent(request, chosen, visit.organization, place=form.wanted)


@require_POST
@login_required
def reconnect(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Send somebody to a service again, with the account that is connected."""
    integration = entering.named(request, integration_id, access.CHANGE)
    provider = registry.find(integration.provider)
    if provider is None or not can_sign_in(provider):
        raise Http404
    chosen = Service(provider, integration.type, "", "")
    return _sent(request, chosen, integration.organization, integration)


@require_POST
@login_required
def disconnect(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Have the service take its access back, and delete the secrets here; the integration stays."""
    detail = Detail.of(request, integration_id, access.DISCONNECT)
    try:
        done = leaving.disconnect(detail.integration, actor=person(request), request=request)
    except VendorError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, str(done.message))
    return redirect(detail.row.url)


def _sent(
    request: HttpRequest,
    chosen: Service,
    organization: Organization,
    integration: Integration | None = None,
    *,
    place: str = "",
) -> HttpResponse:
    """Lead to the service by a page of ours: a form may not lead away from this site."""
    user = person(request)
    back = way_back(request, chosen.url or request.path.rpartition("/")[0])
    if throttles.take(STARTS, f"user:{user.pk}", STARTS_PER_MINUTE, 60):
        messages.error(request, str(TOO_OFTEN))
        return redirect(back)
    try:
        address = starting.start(
            chosen.provider, user, organization, integration, place=place, request=request
        )
    except (Problem, TierLimit, NotForRole, VendorError) as error:
        messages.error(request, str(getattr(error, "message", "") or error))
        return redirect(back)
    return render(request, LEAVING, {"service": chosen, "address": address, "back": back})
