"""The page of an account at a vendor, and what its buttons do; every act is the service of core.vendors."""

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
    at = pages.place(request, person(request), vendor)
    entered = None
    if request.method == "POST":
        entered = request.POST
    form = AccountForm(at.account, entered)
    if request.method == "POST" and _save(request, at, form):
        return redirect("dashboard:account", vendor)
    return render(request, "dashboard/accounts/page.html", {**pages.page(at), "form": form})


@require_safe
@login_required
def live(request: HttpRequest, vendor: str) -> HttpResponse:
    """The part that moves while the account is fetched."""
    at = pages.place(request, person(request), vendor)
    return render(request, "dashboard/accounts/fetched.html", pages.live(at))


@sensitive_post_parameters()
@require_POST
@login_required
def test(request: HttpRequest, vendor: str) -> HttpResponse:
    """Try what is in the fields, or what is in use where nothing else is; show what each step found."""
    at = _changeable(request, vendor)
    form = AccountForm(at.account, request.POST)
    context: dict[str, Any] = {"form": form}
    if form.is_valid() and not _is_too_often(request):
        try:
            context["tested"] = vendors.check(at.account, others=form.others(), **_by(request))
        except turns.Busy as busy:
            messages.error(request, str(busy))
        at.account.refresh_from_db()
    return render(request, "dashboard/accounts/page.html", {**pages.page(at), **context})


@require_POST
@login_required
def waiting(request: HttpRequest, vendor: str) -> HttpResponse:
    """Use what waits, or discard it."""
    at = _changeable(request, vendor)
    if request.POST.get("what") == "discard":
        vendors.discard_next(at.account, **_by(request))
        messages.success(request, _("The new key is discarded."))
    elif vendors.has_next(at.account) and not _is_too_often(request):
        _say(request, vendors.use_next(at.account, **_by(request)))
    return redirect("dashboard:account", vendor)


@require_POST
@login_required
def remove(request: HttpRequest, vendor: str) -> HttpResponse:
    """Take away everything that is set; what was fetched stays."""
    at = _changeable(request, vendor)
    vendors.save(at.account, {field.name: "" for field in at.vendor.fields}, **_by(request))
    messages.success(request, _("What was set is removed. What was fetched stays."))
    return redirect("dashboard:account", vendor)


@require_POST
@login_required
def fetch(request: HttpRequest, vendor: str) -> HttpResponse:
    """Fetch the account's records now."""
    at = _changeable(request, vendor)
    if at.vendor.sync is None:
        raise Http404
    started = vendors.start_sync(at.account, trigger="manual", started_by=request.user)
    messages.success(request, started.message)
    return redirect("dashboard:account", vendor)


def _changeable(request: HttpRequest, vendor: str) -> Place:
    at = pages.place(request, person(request), vendor)
    if not at.may_change:
        raise PermissionDenied
    return at


def _save(request: HttpRequest, at: Place, form: AccountForm) -> bool:
    """Store what was entered, and tell whether it was; else the reasons are on the form."""
    if not at.may_change:
        raise PermissionDenied
    if not form.is_valid() or _is_too_often(request):
        return False
    insist = request.POST.get("insist") == "on"
    try:
        saved = vendors.save(at.account, form.entered(), insist=insist, **_by(request))
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
