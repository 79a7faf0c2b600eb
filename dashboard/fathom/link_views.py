"""The Fathom link's page and what its buttons do; every act is the service that the API calls."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from core import vendors
from core.api import throttles
from core.connections import TestResult
from core.errors import VendorError
from core.http import turns
from dashboard.fathom import link
from dashboard.fathom.forms import LinkForm
from dashboard.views import person
from fathom_sync import accounts
from fathom_sync.accounts import connection, registration


@sensitive_post_parameters("api_key", "webhook_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show the key, the secret and how the connection is; POST saves what was entered."""
    user = person(request)
    at = link.place(request, user)
    shown = link.page(request, user, at)
    form = _form(request, shown)
    if request.method == "POST" and _save(request, at, form):
        return redirect(at.url)
    return render(request, "dashboard/fathom/link.html", {**shown, "form": form})


def _form(request: HttpRequest, shown: Mapping[str, Any]) -> LinkForm:
    entered = None
    if request.method == "POST":
        entered = request.POST
    return LinkForm(entered, key=shown["key"], has_secret=shown["has_own_secret"])


def _save(request: HttpRequest, at: link.Place, form: LinkForm) -> bool:
    """Store what was entered; False with the reasons on the form."""
    if not at.may_change:
        raise PermissionDenied
    if not form.is_valid():
        return False
    entered = form.entered()
    try:
        message = connection.save(
            at.account,
            api_key=entered["api_key"],
            webhook_secret=entered["webhook_secret"],
            **_by(request),
        )
    except ValidationError as error:
        form.refuse(error)
        return False
    is_good = accounts.status(at.account) == "connected" and not vendors.has_next(
        accounts.link_of(at.account)
    )
    tell = messages.warning
    if is_good:
        tell = messages.success
    tell(request, message)
    return True


@sensitive_post_parameters("api_key", "webhook_secret")
@require_POST
@login_required
def test(request: HttpRequest) -> HttpResponse:
    """Try what is in the field, or the stored key: what came of it, in place."""
    at = _changeable(request)
    shown = link.page(request, person(request), at)
    form = _form(request, shown)
    if not form.is_valid() and form.has_error("api_key"):
        return _refused(request, shown, form)
    wait = throttles.take(
        connection.TEST_SCOPE, f"user:{request.user.pk}", connection.tests_per_minute(), 60
    )
    entered = request.POST.get("api_key")
    try:
        checked = (
            _too_many(wait)
            if wait
            else connection.check(at.account, entered=entered, **_by(request))
        )
    except turns.Busy as busy:
        checked = _untried(str(busy))
    level, word, tell = "bad", _("The connection does not work"), messages.error
    if checked.success:
        level, word, tell = "good", checked.message, messages.success
    if not getattr(request, "htmx", False):
        tell(request, checked.message)
        return redirect(at.url)
    answer = render(request, "dashboard/fathom/link_tested.html", link.tested(at.account, checked))
    return trigger_client_event(answer, "koppel:toast", {"level": level, "text": word})


def _refused(request: HttpRequest, shown: Mapping[str, Any], form: LinkForm) -> HttpResponse:
    """Say what cannot be a key at its field, and ask nothing of Fathom."""
    if not getattr(request, "htmx", False):
        return render(request, "dashboard/fathom/link.html", {**shown, "form": form})
    error = {"field": form["api_key"].auto_id, "text": " ".join(map(str, form.errors["api_key"]))}
    # Without words: what the test before it said is of another key.
    return trigger_client_event(HttpResponse(), "koppel:refused", error)


@require_POST
@login_required
def remove(request: HttpRequest) -> HttpResponse:
    """Take away the key and the secret, or the secret alone."""
    at = _changeable(request)
    secret_alone = request.POST.get("what") == "secret"
    accounts.save(
        at.account, api_key=None if secret_alone else "", webhook_secret="", **_by(request)
    )
    message = _("The webhook secret is removed.")
    if not secret_alone:
        message = connection.after_removing(at.account)
    messages.success(request, message)
    return redirect(at.url)


@require_POST
@login_required
def waiting(request: HttpRequest) -> HttpResponse:
    """Use the key that waits, or discard it."""
    at = _changeable(request)
    link_to = accounts.link_of(at.account, makes=True)
    if request.POST.get("what") == "discard":
        vendors.discard_next(link_to, **_by(request))
        messages.success(request, _("The new key is discarded."))
        return redirect(at.url)
    if not vendors.has_next(link_to):
        return redirect(at.url)
    wait = throttles.take(
        connection.TEST_SCOPE, f"user:{request.user.pk}", connection.tests_per_minute(), 60
    )
    if wait:
        messages.error(request, _too_many(wait).message)
        return redirect(at.url)
    try:
        saved = connection.use_next(at.account, **_by(request))
    except turns.Busy as busy:
        messages.info(request, str(busy))
        return redirect(at.url)
    tell = messages.success if saved.result and saved.result.success else messages.warning
    tell(request, connection.with_webhook(at.account, saved.message))
    return redirect(at.url)


@require_POST
@login_required
def webhook(request: HttpRequest) -> HttpResponse:
    """Have Fathom tell of each new call, or no more."""
    if request.POST.get("what") == "remove":
        message = _("New calls come with the next sync again.")
        return _webhook(request, registration.unregister, message, left=registration.LEFT_THERE)
    return _webhook(request, registration.register, _("Fathom now tells Koppel of each new call."))


@require_safe
@login_required
def faq(request: HttpRequest) -> HttpResponse:
    """Show how to get a key, what each status means, why a call may be missing, what to do."""
    return render(request, "dashboard/fathom/faq.html")


def _webhook(
    request: HttpRequest, act: Callable[..., bool], done: str, left: Any = ""
) -> HttpResponse:
    at = _changeable(request)
    try:
        if act(at.account, **_by(request)) or not left:
            messages.success(request, done)
        else:
            messages.warning(request, left)
    except VendorError as error:
        messages.error(request, error.message)
    except (registration.UnderWay, turns.Busy) as error:
        messages.info(request, str(error))
    return redirect(at.url)


def _changeable(request: HttpRequest) -> link.Place:
    at = link.place(request, person(request))
    if not at.may_change:
        raise PermissionDenied
    return at


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": person(request), "request": request}


def _too_many(wait: float) -> TestResult:
    seconds = max(1, math.ceil(wait))
    text = ngettext(
        "That was tried often enough for the moment. Try again in %(count)d second.",
        "That was tried often enough for the moment. Try again in %(count)d seconds.",
        seconds,
    )
    return _untried(text % {"count": seconds})


def _untried(why: str) -> TestResult:
    """Return the result of a test that was not made."""
    result = TestResult()
    result.failed(_("Test connection"), why)
    return result
