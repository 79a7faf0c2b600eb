"""What the tab of deliveries shows: how the endpoint does, each event that it is owed,
and what came of it.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.words import sayings
from dashboard import signs
from dashboard.calls.forms import ALL
from dashboard.integrations.detail import Detail
from dashboard.paging import newest_by
from dashboard.tables import Column, Empty, Table, link
from integrations import access
from integrations.events import endpoints
from integrations.events.catalogue import KINDS
from integrations.models import Delivery, EventEndpoint

A_PAGE: Final = 50
NOTHING: Final = Empty(
    gettext_lazy("Nothing was sent yet"),
    gettext_lazy("Every event that this endpoint is owed stands here."),
    "inbox",
)


class DeliveryFilter(forms.Form):
    """What the deliveries are cut to. A value that was not offered filters nothing."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[ALL, *Delivery.State.choices]
    )
    event = forms.ChoiceField(
        label=gettext_lazy("Event"),
        required=False,
        choices=[ALL, *((kind.name, kind.name) for kind in KINDS)],
    )


def _samples() -> list[tuple[str, str]]:
    """Return what can be sent, in the reader's language."""
    return [(kind.name, f"{kind.name}: {kind.description}") for kind in KINDS]


class SampleForm(forms.Form):
    """Which event's example is sent."""

    event = forms.ChoiceField(label=gettext_lazy("Event"), choices=_samples)


class RecoverForm(forms.Form):
    """Since when everything is sent again."""

    since = forms.DateTimeField(
        label=gettext_lazy("Since"),
        help_text=gettext_lazy("At most 30 days ago. What it took already is sent again too."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def require(detail: Detail) -> None:
    """Raise 404 for what is no endpoint."""
    if detail.integration.provider != endpoints.PROVIDER:
        raise Http404


def page(request: HttpRequest, detail: Detail, **forms_sent: Any) -> dict[str, Any]:
    """Return all of the page."""
    require(detail)
    form = DeliveryFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    rows = Delivery.objects.filter(integration=detail.integration).select_related("event")
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    if wanted.get("event"):
        rows = rows.filter(event__name=wanted["event"])
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    found = newest_by("created_at", rows, before=before, after=after, size=A_PAGE)
    state = EventEndpoint.objects.filter(integration=detail.integration).first()
    shown = {
        "filters": form,
        "table": table(found.items, page=found, pages=_("Pages of deliveries")),
        "endpoint": state,
        "why_paused": sayings.say(state.cause, "") if state is not None else "",
        "has_failed": Delivery.objects.filter(
            integration=detail.integration, state=Delivery.State.FAILED
        ).exists(),
        "may_replay": access.may_change(detail.request.user, detail.integration, access.REPLAY),
        "may_hear": endpoints.may_hear(detail.integration),
        "sample": SampleForm(),
        "recover": RecoverForm(initial={"since": timezone.now() - timedelta(days=1)}),
    }
    return detail.context(**{**shown, **forms_sent})


def single(detail: Detail, delivery_id: UUID) -> dict[str, Any]:
    """Return what the page of one delivery shows."""
    row = delivery(detail, delivery_id)
    facts = [
        (_("Event"), row.event.name),
        ("webhook-id", f"evt_{row.event_id.hex}"),
        (_("Happened"), signs.ago(row.event.created_at)),
        (_("Attempts"), row.attempts),
        (_("Taken"), signs.ago(row.sent_at)),
        (_("Tried again"), signs.ago(row.due_at)),
    ]
    payload = json.dumps(row.event.data, indent=2, ensure_ascii=False)
    return detail.context(
        delivery=row, facts=facts, payload=payload, why=why(row), tries=tries(row)
    )


def delivery(detail: Detail, delivery_id: UUID) -> Delivery:
    """Return one delivery of this endpoint; 404 for any other."""
    require(detail)
    rows = Delivery.objects.filter(integration=detail.integration, pk=delivery_id).select_related(
        "event"
    )
    found = rows.first()
    if found is None:
        raise Http404
    return found


def why(row: Delivery) -> str:
    """Return why it was not taken; '' where it was."""
    if not row.error:
        return ""
    last = row.tries[-1]["error"] if row.tries else {}
    return sayings.say(last, row.error)


def table(rows: list[Delivery], **more: Any) -> Table[Delivery]:
    """Declare the table of deliveries."""
    columns: list[Column[Delivery]] = [
        Column("event", _("Event"), _named, names_row=True),
        Column("state", _("State"), lambda row: signs.status(row.state)),
        Column("attempts", _("Attempts"), lambda row: row.attempts, numeric=True),
        Column("why", _("Error"), why, css="clip"),
        Column("when", _("When"), lambda row: signs.ago(row.created_at), css="nowrap"),
    ]
    return Table(_("Deliveries"), columns, rows, NOTHING, **more)


def tries(row: Delivery) -> Table[dict[str, Any]]:
    """Declare the table of the attempts at one delivery, the newest first."""
    columns: list[Column[dict[str, Any]]] = [
        Column(
            "when",
            _("When"),
            lambda each: signs.ago(datetime.fromisoformat(each["at"])),
            names_row=True,
        ),
        Column("status", _("Status"), lambda each: each.get("status"), numeric=True),
        Column("time", _("Milliseconds"), lambda each: each.get("ms"), numeric=True),
        Column("why", _("Error"), lambda each: sayings.say(each.get("error") or {}, "")),
    ]
    return Table(_("Attempts"), columns, row.tries[::-1], NOTHING)


def _named(row: Delivery) -> Any:
    name = row.event.name
    if row.event.is_sample:
        name = f"{name} ({_('sample')})"
    return link(reverse("dashboard:integration_delivery", args=[row.integration_id, row.pk]), name)
