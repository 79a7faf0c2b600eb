"""The tab of keys: how many workspaces have one, and each of those that are asked
for as a card or a line.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from bison.keys.coverage import TOTAL, coverage
from bison.models import Instance
from dashboard import counts
from dashboard.tables import with_query
from dashboard.workspaces import choosing, tables
from dashboard.workspaces.rows import WorkspaceRow, grouped


def page(request: HttpRequest, *, may_export: bool) -> dict[str, Any]:
    """Return what the tab shows."""
    wanted = choosing.chosen(request.GET)
    found = choosing.page(wanted.found, request.GET)
    rows = [WorkspaceRow(workspace) for workspace in found.items]
    empty = tables.NONE_YET
    if wanted.is_cut:
        empty = tables.NONE_MATCH
    count = counts.in_words(wanted.found, found, tables.in_words)
    view = choosing.view_of(request.GET)
    csv = ""
    if may_export:
        csv = f"{reverse('dashboard:workspaces_export')}?{request.GET.urlencode()}"
    return {
        "filters": wanted.form,
        "instances": _coverage(),
        "rows": rows,
        "page": found,
        "count": count,
        "empty": empty,
        "view": view,
        "as_cards": with_query(request, view=""),
        "as_table": with_query(request, view=choosing.TABLE),
        "table": tables.keys(
            rows,
            empty=empty,
            page=found,
            pages=tables.PAGES,
            count=count,
            csv=csv,
            has_density=True,
        ),
    }


def _coverage() -> list[dict[str, Any]]:
    """Return how many workspaces of each instance have a key of their own."""
    names = dict(Instance.objects.values_list("slug", "name"))
    shown = []
    for row in coverage():
        if row.instance == TOTAL:
            continue
        shown.append(
            {
                "name": names[row.instance],
                "url": reverse("dashboard:instance", args=[row.instance]),
                "keys": _("%(with_key)s of %(total)s")
                % {"with_key": grouped(row.with_key), "total": grouped(row.total)},
                "hint": _("have a key of their own (%(percent)d %%)")
                % {"percent": row.coverage_percent},
            }
        )
    return shown
