"""Workspaces as lines: their columns, and what stands there while there are none."""

from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard import signs
from dashboard.tables import Column, Empty, Table, link
from dashboard.workspaces.rows import WorkspaceRow

NONE_YET: Final = Empty(
    gettext_lazy("No workspaces yet"),
    gettext_lazy(
        "Each client's workspace at Email Bison stands here, with its key, its webhook and how its "
        "calls go. Connect an instance, and let Koppel look for its workspaces."
    ),
    "inbox",
)
PAGES: Final = gettext_lazy("Pages of workspaces")
NONE_MATCH: Final = Empty(
    gettext_lazy("No workspaces match"),
    gettext_lazy("Clear the filter to see all workspaces."),
    "inbox",
)


def in_words(number: int) -> str:
    """Say how many workspaces there are."""
    return ngettext("%(number)d workspace", "%(number)d workspaces", number) % {"number": number}


def keys(rows: list[WorkspaceRow], **how: Any) -> Table[WorkspaceRow]:
    """Return the table of workspaces and their keys."""
    columns = [
        Column[WorkspaceRow]("name", _("Workspace"), _name, names_row=True),
        Column[WorkspaceRow](
            "instance", _("Instance"), lambda row: row.instance, hide_on_phone=True
        ),
        Column[WorkspaceRow]("key", _("Key"), _key),
        Column[WorkspaceRow](
            "health", _("Health"), lambda row: signs.status(row.health, quiet=True)
        ),
        Column[WorkspaceRow](
            "used", _("Last used"), lambda row: signs.ago(row.last_used), hide_on_phone=True
        ),
        Column[WorkspaceRow](
            "success", _("Success"), lambda row: row.success_in_words, numeric=True
        ),
        Column[WorkspaceRow](
            "accounts", _("E-mail accounts"), _accounts, numeric=True, hide_on_phone=True
        ),
        Column[WorkspaceRow](
            "webhook", _("Webhook"), lambda row: signs.status(row.webhook, quiet=True)
        ),
    ]
    return Table(_("Workspaces"), columns, rows, **how)


def _name(row: WorkspaceRow) -> SafeString:
    return link(row.url, row.name, drawer="workspace")


def _key(row: WorkspaceRow) -> SafeString:
    look = signs.status(row.key_look, quiet=True)
    if row.key_mask:
        return format_html('{} <span class="mono quiet small">{}</span>', look, row.key_mask)
    return look


def _accounts(row: WorkspaceRow) -> Any:
    if not row.accounts_in_words:
        return ""
    return format_html("{} {}", row.accounts_in_words, signs.mark(row.workspace.accounts_state))
