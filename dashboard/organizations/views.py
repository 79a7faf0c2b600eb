"""The page on which a person chooses the organization that lists are cut to."""

from typing import Final

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm import access
from dashboard.calls.forms import Words
from dashboard.navigation import Shell
from dashboard.views import person

# More are found by their names.
SHOWN: Final = 100


class OrganizationFilter(forms.Form):
    """What an organization is called."""

    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))


@require_safe
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Show the organizations that staff may look at, by name."""
    if not Shell(request).is_staff:
        raise Http404
    form = OrganizationFilter(request.GET)
    found = access.organizations_for(person(request)).order_by("name", "pk")
    if form.is_valid() and form.cleaned_data["search"]:
        found = found.filter(name__icontains=form.cleaned_data["search"])
    shown = list(found[: SHOWN + 1])
    context = {"filters": form, "organizations": shown[:SHOWN], "more": len(shown) > SHOWN}
    return render(request, "dashboard/organizations/choose.html", context)
