"""The tab of the runway: which workspaces have nothing left to send first, and why."""

from typing import Any, Final

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bison.models import Runway
from dashboard import signs
from dashboard.tables import Column, Empty, Table, link
from dashboard.workspaces import choosing

# More are found by their names.
SHOWN: Final = 100
# So many days ahead a dry day is a matter of this week, and of the next.
SOON, NEXT = 5, 12
NONE_YET: Final = Empty(
    gettext_lazy("Nothing is forecast yet"),
    gettext_lazy(
        "Each night Koppel reads how many leads are left and what can be sent. The first "
        "forecast follows."
    ),
    "calendar-range",
)


def page(request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows: the workspace that is dry first stands first."""
    wanted = choosing.chosen(request.GET)
    found = Runway.objects.filter(workspace__in=wanted.found).select_related(
        "workspace", "workspace__instance"
    )
    soonest = F("dry_on").asc(nulls_last=True)
    rows = list(found.order_by(soonest, "workspace__workspace_name")[: SHOWN + 1])
    table = Table(_("Runway of workspaces"), _columns(), rows[:SHOWN], NONE_YET, has_density=True)
    return {"filters": wanted.form, "table": table, "more": len(rows) > SHOWN}


def _columns() -> list[Column[Runway]]:
    return [
        Column("name", _("Workspace"), _name, names_row=True),
        Column("dry", _("Dry on"), _dry_on),
        Column("leads", _("Leads left"), lambda row: _number(row.leads_left), numeric=True),
        Column("sends", _("Sends a day"), lambda row: _number(row.sends_per_day), numeric=True),
        Column(
            "connected",
            _("Senders connected"),
            lambda row: row.senders_connected,
            numeric=True,
            hide_on_phone=True,
        ),
        Column("down", _("Senders down"), _down, numeric=True),
        Column(
            "tired",
            _("Tired domains"),
            lambda row: len(row.tired_domains) or "",
            numeric=True,
            hide_on_phone=True,
        ),
        Column(
            "computed", _("Computed"), lambda row: signs.ago(row.computed_at), hide_on_phone=True
        ),
    ]


def _name(row: Runway) -> SafeString:
    workspace = row.workspace
    return link(
        reverse("dashboard:workspace", args=[workspace.pk]),
        workspace.workspace_name,
        drawer="workspace",
    )


def _dry_on(row: Runway) -> Any:
    """Say "Thursday 4 December" in the colour of how soon that is;
    nothing where no end is in sight.
    """
    if row.dry_on is None:
        return ""
    days = (row.dry_on - timezone.localdate()).days
    tone = "calm"
    if days <= NEXT:
        tone = "warn"
    if days <= SOON:
        tone = "bad"
    return signs.pill(date_format(row.dry_on, "l j F"), tone, "calendar")


def _down(row: Runway) -> Any:
    if not row.senders_down:
        return ""
    return signs.pill(number_format(row.senders_down, force_grouping=True), "warn")


def _number(value: int | None) -> str:
    if value is None:
        return ""
    return str(number_format(value, force_grouping=True))
