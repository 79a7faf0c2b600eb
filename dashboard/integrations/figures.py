"""The page of figures: how a person's integrations did in a period, by day and one by one."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.outgoing import Hour
from dashboard import deltas, periods
from dashboard.charts import Series
from dashboard.integrations.entering import Visit
from dashboard.integrations.pages import query_of
from dashboard.periods import Period
from dashboard.tables import Column, Empty, Table, link
from integrations import access, analytics, registry
from integrations.analytics import Analytics, Share
from integrations.models import Integration

USUAL: Final = "30"
# So many are in the table; the figures are of all.
SHOWN: Final = 100
NO_INTEGRATIONS: Final = Empty(
    gettext_lazy("Nothing is connected yet"),
    gettext_lazy("Connect a service, and its calls are counted here."),
    "link",
)


def page(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """Return what the page shows of the period that its address asks for."""
    asked = periods.asked(request.GET, USUAL)
    try:
        first, last = analytics.span(asked.first, asked.last)
    except ValidationError:
        # Days that have not come yet.
        asked = periods.named(USUAL)
        first, last = analytics.span(asked.first, asked.last)
    rows = _rows(visit)
    found = analytics.analyse(rows, first, last)
    before = _before(asked, rows)
    than = asked.before_in_words()
    return {
        "visit": visit,
        "period": asked,
        "longest": analytics.MOST_DAYS,
        "is_cut": asked.first is not None and asked.first < first,
        "is_empty": not rows,
        "found": found,
        "calls": number_format(found.total.calls, force_grouping=True),
        "calls_delta": deltas.change(
            found.total.calls, before.calls if before else None, than=than, better=""
        ),
        "success": percent(found.total.success_rate),
        "success_delta": deltas.change(
            found.total.success_rate, before.success_rate if before else None, than=than
        ),
        "labels": [date_format(day.hour, "j N") for day in found.days],
        "by_day": [
            Series(_("Succeeded"), [day.successes for day in found.days]),
            Series(_("Failed"), [day.failures for day in found.days]),
        ],
        "times": [
            Series(_("Half of the calls within (ms)"), [day.p50 for day in found.days]),
            Series(_("95 of 100 within (ms)"), [day.p95 for day in found.days]),
        ],
        "table": _table(found, asked),
        "list_url": f"{reverse('dashboard:integrations')}{query_of(visit)}",
    }


def percent(value: float | None) -> str:
    """Write a share as it is read; a dash where there is none."""
    if value is None:
        return "–"
    digits = 1
    if value == int(value):
        digits = 0
    return f"{number_format(value, decimal_pos=digits)} %"


def _rows(visit: Visit) -> list[Integration]:
    organization_id = visit.organization.pk if visit.organization else None
    rows = access.integrations_for(visit.user, organization_id)
    return list(rows.only("name", "provider", "type", "organization_id"))


def _before(period: Period, rows: list[Integration]) -> Hour | None:
    """Return the period before, added up; None where its calls are not kept any more."""
    before = period.before()
    if before.first is None or before.last is None:
        return None
    oldest = analytics.days_before(
        periods.named("today").last or before.last, analytics.MOST_DAYS - 1
    )
    if before.first < oldest:
        return None
    return analytics.analyse(rows, before.first, before.last).total


def _table(found: Analytics, period: Period) -> Table[Share]:
    columns: list[Column[Share]] = [
        Column(
            "name", _("Integration"), lambda share: _logs(share.integration, period), names_row=True
        ),
        Column(
            "service", _("Service"), lambda share: _service(share.integration), hide_on_phone=True
        ),
        Column(
            "calls",
            _("API calls"),
            lambda share: number_format(share.calls.calls, force_grouping=True),
            numeric=True,
        ),
        Column("failed", _("Failed"), lambda share: share.calls.failures, numeric=True),
        Column(
            "success", _("Success"), lambda share: percent(share.calls.success_rate), numeric=True
        ),
        Column("p50", _("p50 (ms)"), lambda share: share.calls.p50, numeric=True),
        Column("p95", _("p95 (ms)"), lambda share: share.calls.p95, numeric=True),
    ]
    count = ""
    if len(found.shares) > SHOWN:
        count = _("The %(n)d busiest of %(all)d") % {"n": SHOWN, "all": len(found.shares)}
    return Table(
        _("Integrations by API calls"), columns, found.shares[:SHOWN], NO_INTEGRATIONS, count=count
    )


def _logs(integration: Integration, period: Period) -> Any:
    """Lead to its calls in the same period."""
    query = f"?period={period.key}"
    if period.first and period.last and period.key == periods.CUSTOM:
        query = f"?since={period.first.isoformat()}&until={period.last.isoformat()}"
    return link(
        f"{reverse('dashboard:integration_logs', args=[integration.pk])}{query}", integration.name
    )


def _service(integration: Integration) -> str:
    provider = registry.find(integration.provider)
    if provider is None:
        return integration.provider.capitalize()
    return provider.name
