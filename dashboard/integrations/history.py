"""Who did what with one integration: the rows of the audit log about it and about
the account of its values.
"""

from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.models import AuditEvent
from dashboard import signs
from dashboard.paging import newest_first
from dashboard.tables import Column, Empty, Table
from integrations import registry
from integrations.models import Integration

NOTHING: Final = Empty(
    gettext_lazy("Nothing was done yet"),
    gettext_lazy("Every change of it stands here, and whose it was."),
    "clock",
)


def page(request: HttpRequest, integration: Integration) -> dict[str, Any]:
    """Return one page of its history, newest first."""
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    page = newest_first(rows_of(integration), before=before, after=after)
    table = Table(
        _("History"),
        _columns(_labels(integration)),
        page.items,
        NOTHING,
        page=page,
        pages=_("Pages of the history"),
    )
    return {"table": table}


def rows_of(integration: Integration) -> Any:
    """Return what the audit log says of it."""
    own = Q(target_type="integrations.integration", target_id=str(integration.pk))
    of_account = Q(target_type="core.vendoraccount", target_id=str(integration.account_id))
    return AuditEvent.objects.filter(own | of_account)


def _labels(integration: Integration) -> dict[str, str]:
    """Return what its fields are called."""
    provider = registry.find(integration.provider)
    if provider is None:
        return {}
    return {field.name: str(field.label) for field in provider.vendor.fields}


def _columns(labels: dict[str, str]) -> list[Column[AuditEvent]]:
    return [
        Column(
            "what", _("What"), lambda row: audit.ACTIONS.get(row.action, row.action), names_row=True
        ),
        Column("who", _("Who"), lambda row: signs.person(row.actor_name, none=_("Koppel"))),
        Column("field", _("Field"), lambda row: labels.get(row.facts.get("key", ""), "")),
        Column("when", _("When"), lambda row: signs.ago(row.at), css="nowrap"),
    ]
