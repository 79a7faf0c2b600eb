"""The tab of deliveries: a sample is sent, something sent again, the secret exchanged."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.http import turns
from dashboard.integrations.acts import by
from dashboard.integrations.detail import Detail
from dashboard.integrations.events import page as pages
from dashboard.integrations.events.page import RecoverForm, SampleForm
from dashboard.integrations.views import FOLDER
from integrations import access
from integrations.events import acting
from integrations.models import Delivery

PAGE = "dashboard:integration_deliveries"
AT_ONCE = 500


@require_safe
@login_required
def page(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Show what the endpoint is owed, and what came of it."""
    return render(
        request,
        f"{FOLDER}/deliveries.html",
        pages.page(request, Detail.of(request, integration_id)),
    )


@require_safe
@login_required
def delivery(request: HttpRequest, integration_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Show one delivery with all of its attempts."""
    detail = Detail.of(request, integration_id)
    context = pages.single(detail, delivery_id)
    context["may_replay"] = access.may_change(
        detail.request.user, detail.integration, access.REPLAY
    )
    return render(request, f"{FOLDER}/delivery.html", context)


@require_POST
@login_required
def sample(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Send the example of an event now."""
    detail = Detail.of(request, integration_id, access.REPLAY)
    pages.require(detail)
    form = SampleForm(request.POST)
    if not form.is_valid():
        return render(
            request, f"{FOLDER}/deliveries.html", pages.page(request, detail, sample=form)
        )
    try:
        made = acting.sample(detail.integration, form.cleaned_data["event"], **by(request))
    except turns.Busy as busy:
        messages.error(request, str(busy))
        return redirect(PAGE, integration_id)
    if made.state == Delivery.State.SENT:
        messages.success(request, _("The endpoint took it."))
    else:
        messages.error(request, pages.why(made))
    return redirect("dashboard:integration_delivery", integration_id, made.pk)


@require_POST
@login_required
def replay(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Send one delivery again, or all that failed."""
    detail = Detail.of(request, integration_id, access.REPLAY)
    pages.require(detail)
    named = request.POST.get("delivery", "")
    rows = Delivery.objects.filter(integration=detail.integration)
    if named:
        rows = rows.filter(pk=pages.delivery(detail, _number(named)).pk)
    else:
        rows = rows.filter(state=Delivery.State.FAILED)
    try:
        owed = acting.replay(
            detail.integration, list(rows.values_list("pk", flat=True)[:AT_ONCE]), **by(request)
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        _tell(request, owed)
    return redirect(PAGE, integration_id)


@require_POST
@login_required
def recover(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Send everything since a moment, also what it took."""
    detail = Detail.of(request, integration_id, access.REPLAY)
    pages.require(detail)
    form = RecoverForm(request.POST)
    if form.is_valid():
        try:
            owed = acting.recover(detail.integration, form.cleaned_data["since"], **by(request))
        except ValidationError as error:
            form.add_error("since" if hasattr(error, "error_dict") else None, error.messages)
        else:
            if owed.started is not None:
                messages.success(request, owed.started.message)
                return redirect("dashboard:run", owed.started.run.pk)
            _tell(request, owed.events)
            return redirect(PAGE, integration_id)
    return render(request, f"{FOLDER}/deliveries.html", pages.page(request, detail, recover=form))


@require_POST
@login_required
def rotate(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Make another signing secret, shown this once."""
    detail = Detail.of(request, integration_id, access.CHANGE)
    pages.require(detail)
    secret = acting.rotate_secret(detail.integration, **by(request))
    context = detail.context(shown_once={"secret": secret}, is_rotated=True)
    return render(request, f"{FOLDER}/secret.html", context)


def _number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _tell(request: HttpRequest, owed: int) -> None:
    text = ngettext("%(count)d event is sent.", "%(count)d events are sent.", owed)
    messages.success(request, text % {"count": owed})
