"""The tab of health: how many workspaces are well, and how calls went, hour by hour."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from bison import access, health
from bison.models import Workspace
from bison.models.instances import Health
from core.models import User
from core.outgoing import Hour
from core.words.states import word
from dashboard import signs
from dashboard.charts import Series
from dashboard.tables import Column, Empty, Table, link
from dashboard.workspaces.rows import grouped

HOURS: Final = 24
# Of those that are not well, so many are shown; all are behind the figure.
UNWELL_SHOWN: Final = 20


def page(request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows: of all workspaces, or of the one that is asked for."""
    name = request.GET.get("workspace", "")[:200]
    hours = health.series(HOURS, name)
    labels = [_label(hour.hour) for hour in hours]
    day = health.last_day(name)
    return {
        "workspace_name": name,
        "figures": figures(),
        "day": day,
        "day_calls": grouped(day.calls),
        "success": _percent(day.success_rate),
        "errors": _percent(None if day.success_rate is None else 100 - day.success_rate),
        "labels": labels,
        "calls": [
            Series(_("Succeeded"), [hour.successes for hour in hours]),
            Series(_("Failed"), [hour.failures for hour in hours]),
        ],
        "times": _times(hours),
        "unwell": _unwell(),
    }


def figures() -> list[dict[str, Any]]:
    """Return how many workspaces are in each state, each with the address of their list."""
    counted = health.summary()
    keys = reverse("dashboard:workspaces")
    shown = [
        {
            "label": _("Workspaces"),
            "value": grouped(counted["total"]),
            "hint": "",
            "href": keys,
            "state": "",
        }
    ]
    for state in Health.values:
        share = counted[state]
        shown.append(
            {
                "label": str(word(state)),
                "value": grouped(share["count"]),
                "hint": _percent(share["percent"]),
                "href": f"{keys}?health={state}",
                "state": state,
            }
        )
    return shown


def of_home(user: User) -> list[dict[str, Any]]:
    """Return the figures for the overview of who looks after workspaces;
    nothing where there is none.
    """
    if not access.may(user, access.SEE):
        return []
    if not Workspace.objects.exists():
        return []
    return figures()


def _times(hours: list[Hour]) -> list[Series]:
    return [
        Series(_("Half of the calls within (ms)"), [hour.p50 for hour in hours]),
        Series(_("95 of 100 within (ms)"), [hour.p95 for hour in hours]),
    ]


def _unwell() -> Table[Workspace]:
    states = (Health.FAILING, Health.DEGRADED)
    rows = Workspace.objects.filter(gone_at=None, api_health_status__in=states).select_related(
        "instance"
    )
    found = list(
        rows.order_by("-api_health_status", "-api_consecutive_failures", "workspace_name")[
            :UNWELL_SHOWN
        ]
    )
    columns: list[Column[Workspace]] = [
        Column(
            "name",
            _("Workspace"),
            lambda row: link(
                reverse("dashboard:workspace", args=[row.pk]),
                row.workspace_name,
                drawer="workspace",
            ),
            names_row=True,
        ),
        Column("instance", _("Instance"), lambda row: row.instance.name, hide_on_phone=True),
        Column("health", _("Health"), lambda row: signs.status(row.api_health_status, quiet=True)),
        Column(
            "row", _("Failures in a row"), lambda row: row.api_consecutive_failures, numeric=True
        ),
        Column("why", _("Last error"), lambda row: row.api_last_error[:160], hide_on_phone=True),
        Column("good", _("Last worked"), lambda row: signs.ago(row.api_last_successful_call_at)),
    ]
    empty = Empty(
        _("All are well"), _("Whatever fails stands here, the worst first."), "circle-check"
    )
    return Table(_("Workspaces that are not well"), columns, found, empty)


def _label(hour: datetime) -> str:
    return date_format(timezone.localtime(hour), "H:i")


def _percent(value: float | None) -> str:
    if value is None:
        return "–"
    if value == int(value):
        return f"{int(value)} %"
    return f"{number_format(value, decimal_pos=1)} %"
