"""One instance of Email Bison: its address and keys, which of the two is used,
and its workspaces.
"""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bison import access, instances
from bison.instances import saving
from bison.models import Instance, Workspace
from core import vendors
from core.models import VendorAccount
from dashboard.accounts import views as accounts
from dashboard.accounts.pages import Place
from dashboard.views import person
from dashboard.workspaces import choosing
from dashboard.workspaces.tabs import May, entered

TEMPLATE: Final = "dashboard/workspaces/instance.html"


def _found(slug: str) -> Instance:
    found = Instance.objects.select_related("account").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _place(instance: Instance, may: May) -> Place:
    address = reverse("dashboard:instance", args=[instance.slug])

    def save(
        _account: VendorAccount, entered: Mapping[str, Any], *, insist: bool, **by: Any
    ) -> vendors.Saved:
        return saving.change(instance, entered, insist=insist, **by)

    def use_next(_account: VendorAccount, **by: Any) -> vendors.Saved:
        return saving.use_next(instance, **by)

    return Place(
        instances.BISON, instance.account, may.change_instances, address, TEMPLATE, save, use_next
    )


def _more(instance: Instance, may: May) -> dict[str, Any]:
    """Return what the page shows beside the account."""
    values = vendors.current(instance.account)
    own = Count("pk", filter=choosing.has_own())
    counted = Workspace.objects.filter(instance=instance, gone_at=None).aggregate(
        total=Count("pk"), own=own
    )
    return {
        "instance": instance,
        "may": may,
        "active": instances.active_choice(values),
        "has_backup": "backup_key" in values,
        "coverage": counted,
    }


class InstanceForm(forms.Form):
    """What a new instance is called."""

    name = forms.CharField(label=_("Name"), max_length=120)
    slug = forms.CharField(label=_("Short name"), max_length=60, help_text=saving.BAD_SLUG)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Add an instance; its address and keys are entered on its page."""
    entered(request, access.CHANGE_INSTANCES)
    form = InstanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            saving.add(values["slug"], values["name"], {}, actor=person(request), request=request)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("dashboard:instance", values["slug"])
    return render(request, "dashboard/workspaces/add_instance.html", {"form": form})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the instance; POST saves what was entered."""
    may = entered(request, access.SEE_INSTANCES)
    found = _found(slug)
    return accounts.show(request, _place(found, may), **_more(found, may))


@sensitive_post_parameters()
@require_POST
@login_required
def test(request: HttpRequest, slug: str) -> HttpResponse:
    """Try what is in the fields."""
    may = entered(request, access.SEE_INSTANCES)
    found = _found(slug)
    return accounts.show_tested(request, _place(found, may), **_more(found, may))


@require_POST
@login_required
def waiting(request: HttpRequest, slug: str) -> HttpResponse:
    """Use the key that waits, or discard it."""
    may = entered(request, access.SEE_INSTANCES)
    return accounts.decide(request, _place(_found(slug), may))


@require_POST
@login_required
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take away what is set."""
    may = entered(request, access.SEE_INSTANCES)
    return accounts.take_away(request, _place(_found(slug), may))


@require_POST
@login_required
def use_key(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch to the main or to the backup key."""
    entered(request, access.USE_KEY)
    found = _found(slug)
    choice = request.POST.get("key", "")
    try:
        accounts.act(
            request,
            lambda: instances.use_key(found, choice, actor=person(request), request=request),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("dashboard:instance", slug)
