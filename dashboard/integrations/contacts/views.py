"""The tab of contacts: a sync or a preview is started, a conflict decided, a field mapped."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Conflicting
from dashboard.integrations.contacts import page as pages
from dashboard.integrations.contacts.forms import MappingForm
from dashboard.integrations.detail import Detail
from dashboard.integrations.views import FOLDER
from dashboard.views import person
from integrations import access, contacts
from integrations.contacts.mapping import SIDES

PAGE = "dashboard:integration_contacts"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Show the tab; POST stores which field is which."""
    if request.method != "POST":
        return render(
            request, f"{FOLDER}/contacts.html", pages.page(Detail.of(request, integration_id))
        )
    detail = Detail.of(request, integration_id, access.CHANGE)
    if not detail.row.has_contacts:
        raise Http404
    form = MappingForm(contacts.described(detail.integration), request.POST)
    if form.is_valid():
        try:
            contacts.choose(
                detail.integration, **form.entered(), actor=person(request), request=request
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(PAGE, integration_id)
    return render(request, f"{FOLDER}/contacts.html", pages.page(detail, form))


@require_safe
@login_required
def live(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Show the moving part alone."""
    detail = Detail.of(request, integration_id)
    if not detail.row.has_contacts:
        raise Http404
    return render(request, f"{FOLDER}/contacts_live.html", detail.context(**pages.live(detail)))


@require_POST
@login_required
def sync(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Start a sync, or a preview that writes nothing on either side."""
    detail = Detail.of(request, integration_id)
    is_preview = request.POST.get("what") == "preview"
    if not pages.may_sync(detail):
        raise PermissionDenied
    if is_preview and not detail.may_change:
        raise PermissionDenied
    try:
        started = contacts.start_sync(
            detail.integration,
            is_dry=is_preview,
            is_full=request.POST.get("full") == "on",
            trigger="manual",
            started_by=person(request),
            request=request,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, started.message)
    return redirect(PAGE, integration_id)


@require_POST
@login_required
def resolve(request: HttpRequest, integration_id: UUID, conflict_id: UUID) -> HttpResponse:
    """Decide whose values of one contact stay."""
    detail = Detail.of(request, integration_id)
    if not pages.may_sync(detail):
        raise PermissionDenied
    keep = request.POST.get("keep", "")
    rows = detail.integration.contact_conflicts.select_related("integration")
    conflict = (
        contacts.conflicts_for(person(request), detail.integration, rows)
        .filter(pk=conflict_id)
        .first()
    )
    if conflict is None:
        raise Http404
    if keep not in SIDES:
        return HttpResponseBadRequest()
    try:
        contacts.resolve(conflict, keep=keep, actor=person(request), request=request)
    except Conflicting as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It is decided."))
    return redirect(PAGE, integration_id)


@require_safe
@login_required
def contact(request: HttpRequest, integration_id: UUID, link_id: UUID) -> HttpResponse:
    """Show where each field of one contact came from."""
    detail = Detail.of(request, integration_id)
    return render(request, f"{FOLDER}/contact.html", pages.origins(detail, link_id))
