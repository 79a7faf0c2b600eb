"""The tab of webhooks: what comes in for each workspace, and what is otherwise at the vendor
than it should be.
"""

from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bison.models import Workspace
from dashboard import counts, signs
from dashboard.tables import Column, Table, link
from dashboard.workspaces import choosing, tables
from dashboard.workspaces.rows import WorkspaceRow

FIGURES: Final = (
    Workspace.WebhookStatus.HEALTHY,
    Workspace.WebhookStatus.DEGRADED,
    Workspace.WebhookStatus.FAILING,
    Workspace.WebhookStatus.DISABLED,
)


def page(request: HttpRequest) -> dict[str, Any]:
    """Return what the tab shows."""
    wanted = choosing.chosen(request.GET)
    found = choosing.page(wanted.found, request.GET)
    rows = [WorkspaceRow(workspace) for workspace in found.items]
    empty = tables.NONE_MATCH if wanted.is_cut else tables.NONE_YET
    count = counts.in_words(wanted.found, found, tables.in_words)
    table = _table(rows, empty=empty, page=found, pages=tables.PAGES, count=count, has_density=True)
    return {"filters": wanted.form, "table": table}


def _table(rows: list[WorkspaceRow], **how: Any) -> Table[WorkspaceRow]:
    columns = [
        Column[WorkspaceRow]("name", _("Workspace"), _name, names_row=True),
        Column[WorkspaceRow](
            "instance", _("Instance"), lambda row: row.instance, hide_on_phone=True
        ),
        Column[WorkspaceRow](
            "webhook", _("Webhook"), lambda row: signs.status(row.webhook, quiet=True)
        ),
        Column[WorkspaceRow]("drift", _("At Email Bison"), _drift),
        Column[WorkspaceRow]("events", _("Events"), _events, numeric=True, hide_on_phone=True),
        Column[WorkspaceRow](
            "last",
            _("Last event"),
            lambda row: signs.ago(row.workspace.bison_webhook_last_received_at),
        ),
        Column[WorkspaceRow](
            "failures",
            _("Failures"),
            lambda row: row.workspace.bison_webhook_failure_count,
            numeric=True,
        ),
        Column[WorkspaceRow](
            "checked",
            _("Last checked"),
            lambda row: signs.ago(row.workspace.webhook_checked_at),
            hide_on_phone=True,
        ),
    ]
    return Table(_("Webhooks of workspaces"), columns, rows, **how)


def _name(row: WorkspaceRow) -> SafeString:
    return link(f"{row.url}#webhook", row.name, drawer="workspace")


def _events(row: WorkspaceRow) -> int | str:
    """Return how many kinds of events are asked for; which ones stands on the workspace's page."""
    return len(row.workspace.bison_webhook_events) or ""


def _drift(row: WorkspaceRow) -> Any:
    """Say whether what is registered there is what it should be;
    nothing where it is off or was not looked at.
    """
    workspace = row.workspace
    if not workspace.bison_webhook_enabled or workspace.webhook_checked_at is None:
        return ""
    if workspace.webhook_drift:
        return signs.status("error", _("Changed there"), quiet=True)
    return format_html("{}", signs.status("complete", _("As it should be"), quiet=True))
