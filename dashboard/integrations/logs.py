"""The calls that were made for one integration, by outcome, time and words."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import ApiCall
from core.words.states import word
from dashboard import periods, signs
from dashboard.calls.forms import ALL, MAX_SEARCH, Words
from dashboard.paging import of_log
from dashboard.tables import Column, Empty, Table
from dashboard.views import person
from integrations import logged
from integrations.models import Integration

A_PAGE: Final = 50
OUTCOMES: Final = {
    "success": word("succeeded"),
    "failed": word("failed"),
    "neutral": word("neutral"),
}
NO_CALLS: Final = Empty(
    gettext_lazy("No calls"),
    gettext_lazy(
        "Every call that Koppel makes to this service stands here for 90 days. Choose "
        "a longer time."
    ),
    "activity",
)


class CallFilter(forms.Form):
    """What the calls are cut to. A value that was not offered filters nothing."""

    search = Words(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput({"type": "search"})
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Outcome"), required=False, choices=[ALL, *OUTCOMES.items()]
    )


def page(request: HttpRequest, integration: Integration) -> dict[str, Any]:
    """Return one page of the calls that an address asks for."""
    form, period = CallFilter(request.GET), periods.asked(request.GET)
    form.is_valid()
    wanted, user = form.cleaned_data, person(request)
    rows = logged.of(integration, user, (wanted.get("search") or "")[:MAX_SEARCH])
    if wanted.get("status") in SUCCESS:
        rows = rows.filter(success=SUCCESS[wanted["status"]])
    if period.until:
        rows = rows.filter(created_at__lt=period.until)
    page = of_log(
        "created_at", rows, before=request.GET.get("before", ""), since=period.since, size=A_PAGE
    )
    logged.hide(page.items, integration, user)
    table = Table(
        _("Calls to the service"),
        _columns(),
        page.items,
        NO_CALLS,
        page=page,
        pages=_("Pages of calls"),
    )
    return {"filters": form, "period": period, "table": table}


SUCCESS: Final = {"success": True, "failed": False, "neutral": None}


def _columns() -> list[Column[ApiCall]]:
    return [
        Column(
            "endpoint",
            _("Request"),
            lambda call: f"{call.method} {call.endpoint}",
            names_row=True,
            css="clip",
        ),
        Column("outcome", _("Outcome"), lambda call: signs.status(call.outcome)),
        Column("status", _("Status"), lambda call: call.status_code, numeric=True),
        Column("time", _("Milliseconds"), lambda call: call.response_time_ms, numeric=True),
        Column("why", _("Error"), lambda call: call.error_message, css="clip"),
        Column("purpose", _("Made for"), lambda call: call.function_name, hide_on_phone=True),
        Column("when", _("When"), lambda call: signs.ago(call.created_at), css="nowrap"),
    ]
