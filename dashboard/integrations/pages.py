"""The list: how many there are and how they are, what can be connected,
and a card for each that is.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import organizations_for
from dashboard.calls.forms import ALL, MAX_SEARCH, Words
from dashboard.forms import SearchableSelect
from dashboard.integrations import catalog, hinting
from dashboard.integrations.detail import may_test
from dashboard.integrations.entering import Visit
from dashboard.integrations.granting import problem_of
from dashboard.integrations.helpdesk import desk
from dashboard.integrations.rows import FAILING, IntegrationRow
from integrations import access
from integrations.models import Integration

STATES: Final = {
    "failing": gettext_lazy("Failing"),
    "active": gettext_lazy("Active"),
    "inactive": gettext_lazy("Off"),
}


class IntegrationFilter(forms.Form):
    """What the cards are cut to. A value that was not offered filters nothing."""

    search = Words(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[ALL, *STATES.items()]
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Type"), required=False, choices=[ALL, *Integration.Type.choices]
    )
    organization = forms.ChoiceField(
        label=gettext_lazy("Organization"), required=False, widget=SearchableSelect
    )
    first: ClassVar = ("search", "state", "type", "organization")

    def __init__(self, visit: Visit, data: Any) -> None:
        super().__init__(data)
        if visit.is_staff:
            names = organizations_for(visit.user).order_by("name").values_list("pk", "name")
            choice: Any = self.fields["organization"]
            choice.choices = [ALL, *((str(key), name) for key, name in names)]
        else:
            del self.fields["organization"]
        self.is_valid()


@dataclass(frozen=True)
class Figures:
    """How many there are, and how they are."""

    total: int
    active: int
    inactive: int
    failing: int

    @classmethod
    def of(cls, rows: list[IntegrationRow]) -> "Figures":
        active = sum(row.integration.is_active for row in rows)
        return cls(len(rows), active, len(rows) - active, sum(row.is_failing for row in rows))


def page(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """Return all that the list shows."""
    form = IntegrationFilter(visit, request.GET)
    everything = rows_of(visit)
    shown = [row for row in everything if _fits(row, form.cleaned_data)]
    words = request.GET.get("service", "")[:MAX_SEARCH]
    came_back = _came_back(request, everything)
    return {
        "visit": visit,
        "filters": form,
        "figures": Figures.of(everything),
        "failing_url": _address(visit, state="failing"),
        "own": [row for row in shown if row.is_own],
        "others": [row for row in shown if not row.is_own],
        "is_empty": not everything,
        "finds_nothing": bool(everything) and not shown,
        "groups": catalog.groups(visit.organization, words, is_staff=visit.is_staff),
        "searched": words,
        "came_back": came_back,
        "problem": problem_of(request),
        "has_desk": desk.is_there(visit, {row.integration.provider for row in everything}),
        "came_back_title": _("%(name)s is connected") % {"name": came_back.name}
        if came_back
        else "",
        "add_url": _new_address(visit),
        "desk_query": query_of(visit),
        "analytics_url": f"{reverse('dashboard:integration_analytics')}{query_of(visit)}",
        "hints": hinting.hints(visit),
    }


def rows_of(visit: Visit) -> list[IntegrationRow]:
    """Return all that they see, failing first."""
    changeable = set(access.changeable(visit.user).values_list("pk", flat=True))
    tests = may_test(visit.user)
    found = visit.rows().prefetch_related("stands_in_for")
    rows = [
        IntegrationRow(each, visit.user, may_change=each.pk in changeable, may_test=tests)
        for each in found
    ]
    return sorted(rows, key=lambda row: row.place)


def _fits(row: IntegrationRow, wanted: dict[str, Any]) -> bool:
    words = wanted.get("search", "").casefold()
    if words not in f"{row.name} {row.service}".casefold():
        return False
    if wanted.get("type") and row.integration.type != wanted["type"]:
        return False
    state = wanted.get("state")
    if state == "failing":
        return row.place == FAILING
    return not state or row.integration.is_active == (state == "active")


def _came_back(request: HttpRequest, rows: list[IntegrationRow]) -> IntegrationRow | None:
    """Return the integration that a sign-in at a vendor has just connected."""
    connected = request.GET.get("connected", "")
    return next((row for row in rows if str(row.pk) == connected), None)


def _address(visit: Visit, **query: str) -> str:
    if visit.is_staff and visit.organization is not None:
        query["organization"] = str(visit.organization.pk)
    return f"{reverse('dashboard:integrations')}?{urlencode(query)}"


def query_of(visit: Visit) -> str:
    """Return what an address has behind it, to be about the organization that staff look at."""
    if visit.is_staff and visit.organization is not None:
        return f"?{urlencode({'organization': str(visit.organization.pk)})}"
    return ""


def _new_address(visit: Visit) -> str:
    return f"{reverse('dashboard:integration_new')}{query_of(visit)}"
