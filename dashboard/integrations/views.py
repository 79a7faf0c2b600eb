"""The pages of integrations. Each is cut by the same rules as the API;
every act is a service of `integrations`.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import vendors
from core.http import turns
from dashboard.integrations import entering, figures, history, logs, new, pages, steps, testing
from dashboard.integrations.detail import Detail
from dashboard.integrations.forms import ConnectionForm
from dashboard.views import onward, person
from integrations import access, services

FOLDER = "dashboard/integrations"
SHOWN_ONCE = "integration-shown-once"


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Show what is connected, and what can be."""
    visit = entering.entered(request)
    return render(request, f"{FOLDER}/index.html", pages.page(request, visit))


@require_safe
@login_required
def analytics(request: HttpRequest) -> HttpResponse:
    """Show how the integrations did in a period: calls, failures, response times."""
    visit = entering.entered(request)
    return render(request, f"{FOLDER}/analytics.html", figures.page(request, visit))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Let somebody choose a service and fill in its form; POST connects it."""
    visit = entering.entered(request)
    service = new.service(request, visit)
    if request.method != "POST":
        return render(request, f"{FOLDER}/new.html", new.page(request, visit, service))
    if service is None:
        raise Http404
    if not visit.may_add:
        raise PermissionDenied
    form = ConnectionForm(service.provider, request.POST)
    made = new.create(request, visit, service, form)
    if made is None:
        return render(request, f"{FOLDER}/new.html", new.page(request, visit, service, form=form))
    messages.success(
        request, _("%(name)s is connected. It is being tested.") % {"name": made.integration}
    )
    if made.shown_once:
        context = Detail(request, made.integration).context(shown_once=made.shown_once)
        return render(request, f"{FOLDER}/secret.html", context)
    return onward(request, reverse("dashboard:integration", args=[made.integration.pk]))


@sensitive_post_parameters()
@require_POST
@login_required
def try_new(request: HttpRequest) -> HttpResponse:
    """Try what is in the form of a new one, before it is saved."""
    visit = entering.entered(request)
    service = new.service(request, visit)
    if service is None:
        raise Http404
    if not visit.may_add:
        raise PermissionDenied
    form = ConnectionForm(service.provider, request.POST)
    found = testing.of_entered(request, form, visit.organization, service.kind)
    context = new.page(request, visit, service, form=form, **found)
    return _tested(request, "new.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def integration(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Show one connection; POST saves what was entered."""
    if request.method != "POST":
        detail = Detail.of(request, integration_id)
        return render(request, f"{FOLDER}/connection.html", detail.connection())
    detail = Detail.of(request, integration_id, access.CHANGE)
    if detail.row.provider is None:
        raise Http404
    form = ConnectionForm(detail.row.provider, request.POST, integration=detail.integration)
    if _save(request, detail, form):
        return onward(request, detail.row.url)
    return render(request, f"{FOLDER}/connection.html", detail.connection(form=form))


@sensitive_post_parameters()
@require_POST
@login_required
def try_entered(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Try what is in the form of a connection, with the secrets that stand behind its masks."""
    detail = Detail.of(request, integration_id, access.CHANGE)
    row = detail.integration
    if detail.row.provider is None:
        raise Http404
    form = ConnectionForm(detail.row.provider, request.POST, integration=row)
    found = testing.of_entered(request, form, row.organization, row.type, row)
    return _tested(request, "connection.html", detail.connection(form=form, **found))


@require_safe
@login_required
def steps_of(request: HttpRequest, number: UUID) -> HttpResponse:
    """Show the steps of a test that runs, as far as it is; nothing of anybody else's."""
    return render(request, f"{FOLDER}/steps.html", {"steps": steps.so_far(request, number)})


@require_safe
@login_required
def logs_tab(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Show what was asked of the service for this integration."""
    detail = Detail.of(request, integration_id)
    return render(
        request, f"{FOLDER}/logs.html", detail.context(**logs.page(request, detail.integration))
    )


@require_safe
@login_required
def history_tab(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Show who did what with this integration, to those who decide on it and to those
    who check on others.
    """
    detail = Detail.of(request, integration_id)
    if not detail.sees_history:
        raise PermissionDenied
    return render(
        request,
        f"{FOLDER}/history.html",
        detail.context(**history.page(request, detail.integration)),
    )


def _save(request: HttpRequest, detail: Detail, form: ConnectionForm) -> bool:
    """Store what was entered, and tell whether it was; else the reasons are on the form."""
    if not form.is_valid():
        return False
    refused = testing.too_often(request)
    if refused:
        form.add_error(None, refused)
        return False
    try:
        saved = services.change(
            detail.integration,
            name=form.cleaned_data["integration_name"],
            given=form.given(),
            actor=person(request),
            request=request,
        )
    except ValidationError as error:
        form.refuse(error)
        return False
    except turns.Busy as busy:
        form.add_error(None, str(busy))
        return False
    tell_saved(request, saved)
    return True


def tell_saved(request: HttpRequest, saved: vendors.Saved | None) -> None:
    """Say what came of saving."""
    if saved is None:
        messages.success(request, _("Saved."))
        return
    is_good = saved.result is None or saved.result.success
    tell = messages.success if is_good else messages.warning
    tell(request, saved.message)


def _tested(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """Show what a test found: the part of the page for scripts, the whole of it without them."""
    if request.htmx:  # type: ignore[attr-defined]
        template = "tested.html"
    return render(request, f"{FOLDER}/{template}", context)
