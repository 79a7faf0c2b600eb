"""The page of an account at a vendor, and what its buttons do;
every act is the service of core.vendors.
"""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import vendors
from core.api import throttles
from core.http import turns
from core.vendors.forms import AccountForm
from dashboard.accounts import pages
from dashboard.accounts.pages import Place
from dashboard.views import person

# So often a minute may a person have a vendor asked.
TESTS: Final = "account-test"
TESTS_PER_MINUTE: Final = 10


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest, vendor: str) -> HttpResponse:
    """Show how the account is and what is set; POST saves what was entered."""
    return show(request, pages.place(request, person(request), vendor))


@require_safe
@login_required
def live(request: HttpRequest, vendor: str) -> HttpResponse:
    """Show the part that moves while the account is fetched."""
    at = pages.place(request, person(request), vendor)
    return render(request, "dashboard/accounts/fetched.html", pages.live(at))


@sensitive_post_parameters()
@require_POST
@login_required
def test(request: HttpRequest, vendor: str) -> HttpResponse:
    """Try what is in the fields, or what is in use where nothing else is;
    show what each step found.
    """
    return show_tested(request, pages.place(request, person(request), vendor))


@require_POST
@login_required
def waiting(request: HttpRequest, vendor: str) -> HttpResponse:
    """Use what waits, or discard it."""
    return decide(request, pages.place(request, person(request), vendor))


@require_POST
@login_required
def remove(request: HttpRequest, vendor: str) -> HttpResponse:
    """Take away everything that is set; what was fetched stays."""
    return take_away(request, pages.place(request, person(request), vendor))


@require_POST
@login_required
def fetch(request: HttpRequest, vendor: str) -> HttpResponse:
    """Fetch the account's records now."""
    at = pages.place(request, person(request), vendor)
    _check(at)
    if at.vendor.sync is None:
        raise Http404
    started = vendors.start_sync(at.account, trigger="manual", started_by=request.user)
    messages.success(request, started.message)
    return redirect(at.address)


# --- What the pages of any account do, wherever they stand ----------------------------------------


def show(request: HttpRequest, at: Place, **more: Any) -> HttpResponse:
    """Show the page of an account; POST saves what was entered."""
    entered = None
    if request.method == "POST":
        entered = request.POST
    form = AccountForm(at.account, entered)
    if request.method == "POST" and _save(request, at, form):
        return redirect(at.address)
    return render(request, at.template, {**pages.page(at), **more, "form": form})


def show_tested(request: HttpRequest, at: Place, **more: Any) -> HttpResponse:
    """Try what is in the fields, and show the page with what each step found."""
    _check(at)
    form = AccountForm(at.account, request.POST)
    context: dict[str, Any] = {**more, "form": form}
    if form.is_valid() and not _is_too_often(request):
        try:
            context["tested"] = vendors.check(at.account, others=form.others(), **_by(request))
        except turns.Busy as busy:
            messages.error(request, str(busy))
        except ValidationError as error:
            form.refuse(error)
        at.account.refresh_from_db()
    return render(request, at.template, {**pages.page(at), **context})


def decide(request: HttpRequest, at: Place) -> HttpResponse:
    """Use what waits, or discard it."""
    _check(at)
    if request.POST.get("what") == "discard":
        vendors.discard_next(at.account, **_by(request))
        messages.success(request, _("The new key is discarded."))
    elif vendors.has_next(at.account) and not _is_too_often(request):
        act(request, lambda: at.uses_next(at.account, **_by(request)))
    return redirect(at.address)


def take_away(request: HttpRequest, at: Place) -> HttpResponse:
    """Take away everything that is set."""
    _check(at)
    nothing = {field.name: "" for field in at.vendor.fields}
    if act(request, lambda: vendors.save(at.account, nothing, **_by(request)), quiet=True):
        messages.success(request, _("What was set is removed. What was fetched stays."))
    return redirect(at.address)


def act(request: HttpRequest, save: Callable[[], vendors.Saved], *, quiet: bool = False) -> bool:
    """Do it and say what came of it; tell whether it was done:
    not where too many wait for vendors.
    """
    try:
        saved = save()
    except turns.Busy as busy:
        messages.error(request, str(busy))
        return False
    if not quiet:
        _say(request, saved)
    return True


def _check(at: Place) -> None:
    if not at.may_change:
        raise PermissionDenied


def _save(request: HttpRequest, at: Place, form: AccountForm) -> bool:
    """Store what was entered, and tell whether it was; else the reasons are on the form."""
    _check(at)
    if not form.is_valid() or _is_too_often(request):
        return False
    insist = request.POST.get("insist") == "on"
    try:
        saved = at.saves(at.account, form.entered(), insist=insist, **_by(request))
    except ValidationError as error:
        form.refuse(error)
        return False
    except turns.Busy as busy:
        messages.error(request, str(busy))
        return False
    _say(request, saved)
    return True


def _say(request: HttpRequest, saved: vendors.Saved) -> None:
    is_good = saved.result is None or saved.result.success
    tell = messages.warning
    if is_good:
        tell = messages.success
    tell(request, saved.message)


def _is_too_often(request: HttpRequest) -> bool:
    """Tell whether the person had vendors asked often enough for the moment, and say so."""
    if not throttles.take(TESTS, f"user:{person(request).pk}", TESTS_PER_MINUTE, 60):
        return False
    messages.error(request, _("That was tried often enough for the moment. Try again in a minute."))
    return True


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": person(request), "request": request}
