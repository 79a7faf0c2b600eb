"""The logs of Email Bison: each call to it, and each delivery from it, by workspace,
outcome, time and words.
"""

from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bison import naming
from bison.client import VENDOR
from bison.webhooks import events, receiving
from core.models import ApiCall, InboundEvent
from core.outgoing import Wanted, found
from core.postgres import partitions
from core.words.states import word
from dashboard import periods, signs
from dashboard.calls.forms import ALL, MAX_SEARCH, Words
from dashboard.paging import of_log
from dashboard.periods import Period
from dashboard.tables import Column, Empty, Table, link

A_PAGE: Final = 50
OUTCOMES: Final = {
    "success": word("succeeded"),
    "failed": word("failed"),
    "neutral": word("neutral"),
    "held": gettext_lazy("Held back by our own limit"),
}
NO_CALLS: Final = Empty(
    gettext_lazy("No calls here"),
    gettext_lazy(
        "Every call that Koppel makes to Email Bison stands here for 90 days. Choose a longer time."
    ),
    "activity",
)
NO_EVENTS: Final = Empty(
    gettext_lazy("No deliveries here"),
    gettext_lazy(
        "Every delivery from Email Bison stands here. Switch a webhook on, or choose a longer time."
    ),
    "inbox",
)
CALL_PAGES: Final = gettext_lazy("Pages of API calls")
EVENT_PAGES: Final = gettext_lazy("Pages of deliveries")


class CallFilter(forms.Form):
    """What the log of calls is cut to. A value that was not offered filters nothing."""

    search = Words(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput({"type": "search"})
    )
    workspace = Words(label=gettext_lazy("Workspace"), required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("Outcome"), required=False, choices=[ALL, *OUTCOMES.items()]
    )


class EventFilter(forms.Form):
    """What the log of deliveries is cut to, likewise."""

    search = Words(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput({"type": "search"})
    )
    workspace = Words(label=gettext_lazy("Workspace"), required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[ALL, *InboundEvent.Status.choices]
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Event"),
        required=False,
        choices=[ALL, *((name, name) for name in events.NAMES)],
    )
    first: ClassVar = ("search", "workspace", "status")


def calls(request: HttpRequest, *, may_export: bool) -> dict[str, Any]:
    """Return one page of the calls that an address asks for."""
    form, period = CallFilter(request.GET), periods.asked(request.GET)
    asked = wanted(form, period)
    page = of_log(
        "created_at",
        found(asked),
        before=request.GET.get("before", ""),
        since=asked.begins,
        size=A_PAGE,
    )
    address = ""
    if may_export:
        address = f"{reverse('dashboard:workspace_calls_export')}?{request.GET.urlencode()}"
    table = Table(
        _("Calls to Email Bison"),
        _call_columns(),
        page.items,
        NO_CALLS,
        page=page,
        pages=CALL_PAGES,
        csv=address,
        has_density=True,
    )
    return {"filters": form, "period": period, "table": table}


def wanted(form: CallFilter, period: Period) -> Wanted:
    """Return which calls are asked for."""
    chosen = _chosen(form)
    return Wanted(
        vendor=VENDOR,
        workspace=naming.by_name(chosen.get("workspace", "")),
        status=chosen.get("status", ""),
        since=period.since,
        until=period.until,
        search=chosen.get("search", "")[:MAX_SEARCH],
    )


def asked_calls(query: QueryDict) -> Wanted:
    """Return which calls an address asks for."""
    return wanted(CallFilter(query), periods.asked(query))


def call(call_id: UUID) -> ApiCall | None:
    """Return one call to Email Bison, or None."""
    low, high = partitions.window(call_id)
    rows = ApiCall.objects.filter(
        pk=call_id, created_at__gte=low, created_at__lte=high, vendor=VENDOR
    )
    return rows.first()


def deliveries(request: HttpRequest) -> dict[str, Any]:
    """Return one page of the deliveries that an address asks for."""
    form, period = EventFilter(request.GET), periods.asked(request.GET)
    rows = InboundEvent.objects.filter(source=receiving.SOURCE_NAME)
    chosen = _chosen(form)
    for name, column in {
        "workspace": "workspace_name",
        "status": "processing_status",
        "type": "event_type",
    }.items():
        if name in chosen:
            rows = rows.filter(**{column: chosen[name]})
    for name in chosen.get("search", "").split():
        rows = rows.filter(delivery_id__icontains=name) | rows.filter(
            processing_error__icontains=name
        )
    if period.since:
        rows = rows.filter(received_at__gte=period.since)
    if period.until:
        rows = rows.filter(received_at__lt=period.until)
    page = of_log(
        "received_at", rows, before=request.GET.get("before", ""), since=period.since, size=A_PAGE
    )
    table = Table(
        _("Deliveries from Email Bison"),
        _event_columns(),
        page.items,
        NO_EVENTS,
        page=page,
        pages=EVENT_PAGES,
        has_density=True,
    )
    return {"filters": form, "period": period, "table": table}


def delivery(event_id: UUID) -> InboundEvent | None:
    """Return one delivery from Email Bison, or None."""
    low, high = partitions.window(event_id)
    rows = InboundEvent.objects.filter(pk=event_id, received_at__gte=low, received_at__lte=high)
    return rows.filter(source=receiving.SOURCE_NAME).first()


def _chosen(form: forms.Form) -> dict[str, str]:
    form.is_valid()
    return {name: value.strip() for name, value in form.cleaned_data.items() if value.strip()}


def _call_columns() -> list[Column[ApiCall]]:
    return [
        Column("call", _("API call"), _call_name, names_row=True),
        Column("workspace", _("Workspace"), lambda row: row.workspace_name),
        Column("outcome", _("Outcome"), lambda row: signs.status(row.outcome, quiet=True)),
        Column("status", _("Status"), lambda row: row.status_code, numeric=True),
        Column(
            "ms",
            _("Milliseconds"),
            lambda row: row.response_time_ms,
            numeric=True,
            hide_on_phone=True,
        ),
        Column("key", _("Key"), _key, hide_on_phone=True),
        Column("by", _("Made for"), lambda row: row.function_name, hide_on_phone=True),
        Column("when", _("When"), lambda row: signs.ago(row.created_at)),
    ]


def _call_name(row: ApiCall) -> SafeString:
    return link(
        reverse("dashboard:workspace_call", args=[row.pk]),
        f"{row.method} {row.endpoint}",
        drawer="workspace",
    )


def _key(row: ApiCall) -> Any:
    if not row.api_key_used:
        return ""
    return format_html('<span class="mono small">…{}</span>', row.api_key_used)


def _event_columns() -> list[Column[InboundEvent]]:
    return [
        Column("event", _("Event"), _event_name, names_row=True),
        Column("workspace", _("Workspace"), lambda row: row.workspace_name),
        Column("state", _("State"), lambda row: signs.status(row.processing_status, quiet=True)),
        Column(
            "retries",
            _("Retries"),
            lambda row: row.retry_count or "",
            numeric=True,
            hide_on_phone=True,
        ),
        Column("why", _("Error"), lambda row: row.processing_error[:120], hide_on_phone=True),
        Column("when", _("When"), lambda row: signs.ago(row.received_at)),
    ]


def _event_name(row: InboundEvent) -> SafeString:
    name = row.event_type or _("Without a type")
    return link(reverse("dashboard:workspace_event", args=[row.pk]), name, drawer="workspace")
