"""What the buttons of a workspace do; each is a service of `bison`,
and says afterwards what came of it.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from bison import access, registry
from bison.keys import entering, leaks, making, revoking, trying
from bison.models import Workspace
from bison.syncs import starting
from bison.webhooks import registering, sampling
from core.api import throttles
from core.errors import VendorError
from core.http import turns
from dashboard.views import person, way_back
from dashboard.workspaces import choosing
from dashboard.workspaces.forms import KeyForm, WebhookForm, WorkspaceForm
from dashboard.workspaces.tabs import entered

# So often a minute may a person have the vendor asked.
TESTS: Final = "bison-test"
TESTS_PER_MINUTE: Final = 10
# What an act says, and whether that is good.
Outcome = tuple[str, bool]


@require_POST
@login_required
def test(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Test the connection of a workspace."""

    def act(workspace: Workspace) -> Outcome:
        result = trying.check(workspace, actor=person(request), request=request).result
        return result.message or _("The connection works."), result.success

    return _done(request, workspace_id, access.TEST, act, limited=True)


@sensitive_post_parameters()
@require_POST
@login_required
def enter_key(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Store a key, try it, and use it once it has worked."""

    def act(workspace: Workspace) -> Outcome:
        values = _values(KeyForm(request.POST))
        return _outcome(entering.enter(workspace, actor=person(request), request=request, **values))

    return _done(request, workspace_id, access.CHANGE, act, limited=True)


@require_POST
@login_required
def decide_on_next(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Use the key that waits, or discard it."""

    def act(workspace: Workspace) -> Outcome:
        by: dict[str, Any] = {"actor": person(request), "request": request}
        if request.POST.get("what") == "discard":
            entering.discard_next(workspace, **by)
            return _("The new key is discarded."), True
        return _outcome(entering.use_next(workspace, **by))

    return _done(request, workspace_id, access.CHANGE, act, limited=True)


@require_POST
@login_required
def generate_key(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Have a key made at the vendor."""

    def act(workspace: Workspace) -> Outcome:
        return _outcome(making.generate(workspace, actor=person(request), request=request).saved)

    return _done(request, workspace_id, access.GENERATE, act, limited=True)


@require_POST
@login_required
def revoke_key(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Use the key no more."""

    def act(workspace: Workspace) -> Outcome:
        return revoking.revoke(workspace, actor=person(request), request=request), True

    return _done(request, workspace_id, access.REVOKE, act)


@require_POST
@login_required
def replace_leaked(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Replace a key that others may know, wherever it is used."""

    entered(request, access.GENERATE)

    def act(workspace: Workspace) -> Outcome:
        report = leaks.replace_leaked(workspace, actor=person(request), request=request)
        return " ".join(
            f"{each.workspace}: {each.message}" for each in report.outcomes
        ), report.success

    return _done(request, workspace_id, access.REVOKE, act, limited=True)


@require_POST
@login_required
def set_webhook(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Switch the webhook on or off, with the events that were chosen."""

    def act(workspace: Workspace) -> Outcome:
        values = _values(WebhookForm(request.POST))
        enabled = values["enabled"]
        names = values["events"] or None
        found = registering.configure(
            workspace, enabled=enabled, names=names, actor=person(request), request=request
        )
        if enabled:
            return _as_asked(found, _("The webhook is registered at Email Bison."))
        return _as_asked(found, _("The webhook is off, and removed at Email Bison."))

    return _done(request, workspace_id, access.WEBHOOK, act, limited=True)


@require_POST
@login_required
def act_on_webhook(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Check, repair or rotate the webhook, or have a sample sent."""
    entered(request, access.WEBHOOK)
    what = WEBHOOK_ACTS.get(request.POST.get("what", ""))
    if what is None:
        raise Http404
    return _done(
        request, workspace_id, access.WEBHOOK, lambda found: what(found, request), limited=True
    )


@require_POST
@login_required
def sync(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Start a sync of this workspace."""

    def act(workspace: Workspace) -> Outcome:
        kind = request.POST.get("kind", "")
        names = [workspace.workspace_name]
        started = starting.start_sync(
            kind, workspaces=names, trigger="page", started_by=person(request)
        )
        return started.message, True

    return _done(request, workspace_id, access.SYNC, act)


@require_POST
@login_required
def change(request: HttpRequest, workspace_id: UUID) -> HttpResponse:
    """Store what people note of a workspace, and whose it is."""

    def act(workspace: Workspace) -> Outcome:
        values = _values(WorkspaceForm(request.POST))
        organization = values.pop("organization")
        values["organization_id"] = organization.pk if organization else None
        registry.change(workspace, values, actor=person(request), request=request)
        return _("Saved."), True

    return _done(request, workspace_id, access.CHANGE, act)


def _as_asked(found: Workspace, message: str) -> Outcome:
    """Say so only where the vendor lists it: it may have answered, and yet done nothing."""
    if found.webhook_drift is not None:
        return _(
            "The webhook at Email Bison is not as it should be. Repair it with one click."
        ), False
    return message, True


def _check(workspace: Workspace, _request: HttpRequest) -> Outcome:
    found = registering.check(workspace, triggered_by="manual")
    return _as_asked(found, _("The webhook at Email Bison is as it should be."))


def _repair(workspace: Workspace, request: HttpRequest) -> Outcome:
    found = registering.repair(workspace, actor=person(request), request=request)
    return _as_asked(found, _("The webhook at Email Bison is as it should be again."))


def _rotate(workspace: Workspace, request: HttpRequest) -> Outcome:
    found = registering.rotate(workspace, actor=person(request), request=request)
    message = _(
        "The webhook has a new secret address. The earlier one is let in until the new "
        "one is proved."
    )
    return _as_asked(found, message)


def _sample(workspace: Workspace, request: HttpRequest) -> Outcome:
    found = sampling.sample(workspace, actor=person(request), request=request)
    return found.message, found.reached


WEBHOOK_ACTS: Final[dict[str, Callable[[Workspace, HttpRequest], Outcome]]] = {
    "check": _check,
    "repair": _repair,
    "rotate": _rotate,
    "sample": _sample,
}


def _values(form: Form) -> dict[str, Any]:
    """Return what was entered, or raise ValidationError with what is wrong of it."""
    if form.is_valid():
        return form.cleaned_data
    raise ValidationError(
        [f"{form[name].label}: {error}" for name, errors in form.errors.items() for error in errors]
    )


def _outcome(saved: entering.Saved) -> Outcome:
    has_failed = saved.result is not None and not saved.result.success
    is_good = not saved.waits and not has_failed
    return saved.message, is_good


def _done(
    request: HttpRequest,
    workspace_id: UUID,
    permission: str,
    act: Callable[[Workspace], Outcome],
    *,
    limited: bool = False,
) -> HttpResponse:
    """Do it where the person may, say what came of it, and lead back to where they were."""
    entered(request, permission)
    workspace = choosing.named(workspace_id)
    if workspace is None:
        raise Http404
    if limited and throttles.take(TESTS, f"user:{person(request).pk}", TESTS_PER_MINUTE, 60):
        messages.error(
            request, _("That was tried often enough for the moment. Try again in a minute.")
        )
    else:
        _tell(request, workspace, act)
    return redirect(way_back(request, reverse("dashboard:workspace", args=[workspace_id])))


def _tell(request: HttpRequest, workspace: Workspace, act: Callable[[Workspace], Outcome]) -> None:
    try:
        message, is_good = act(workspace)
    except ValidationError as error:
        message, is_good = " ".join(error.messages), False
    except VendorError as error:
        message, is_good = error.message, False
    except turns.Busy as busy:
        message, is_good = str(busy), False
    say: Any = messages.error
    if is_good:
        say = messages.success
    say(request, f"{workspace}: {message}")
