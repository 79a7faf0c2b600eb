"""What the pages of runs show: read here, in a fixed number of queries,
and nowhere in the templates.
"""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.models import Run, User
from crm import access
from crm.models import Organization
from dashboard import run_tables
from dashboard.navigation import Shell
from dashboard.paging import newest_first
from dashboard.tables import ordering_of

Row = TypeVar("Row", bound=Model)
RUNS_A_PAGE = 50


def within(rows: QuerySet[Row], scope: UUID | None) -> QuerySet[Row]:
    """Return those of the organization that the person looks at; all for None."""
    if scope is None:
        return rows
    return rows.filter(organization_id=scope)


def runs(user: User, query: QueryDict, shell: Shell) -> dict[str, Any]:
    """Return one page of the runs that this person may see, newest first unless asked otherwise."""
    found = within(access.runs_for(user).select_related("started_by"), shell.scope)
    is_cut = query.get("state") in Run.State.values
    if is_cut:
        found = found.filter(state=query["state"])
    ordering = ordering_of(query.get("ordering", ""), ("when",), "-when")
    place = {"before": query.get("before", ""), "after": query.get("after", "")}
    page = newest_first(found, **place, size=RUNS_A_PAGE, oldest_first=ordering == "when")
    names = None
    if shell.is_staff:
        names = organization_names({run.organization_id for run in page.items})
    table = run_tables.runs(
        page.items,
        caption=_("Runs"),
        names=names,
        empty=run_tables.NONE_IN_THIS_STATE if "state" in query else run_tables.NO_RUNS,
        sorts=True,
        ordering=ordering,
        page=page,
        pages=_("Pages of runs"),
        has_density=True,
    )
    return {"page": page, "table": table}


def run(user: User, run_id: UUID) -> Run | None:
    """Return one run, or None for one that does not exist for this person."""
    return access.runs_for(user).select_related("started_by").filter(pk=run_id).first()


def organization_names(ids: set[UUID | None]) -> dict[UUID, str]:
    """Return names for the ids that rows of `core` carry."""
    return dict(
        Organization.objects.filter(pk__in=[key for key in ids if key]).values_list("pk", "name")
    )
