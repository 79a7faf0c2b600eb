"""Reps, as those see them who work with their calls."""

from typing import Any, Final
from uuid import UUID

from django.db.models import F, Prefetch, Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from calls.access import calls_for
from core.models import User
from crm import access
from crm.models import RepAlias, SalesRep
from dashboard.calls import library, tables
from dashboard.calls.forms import RepFilter
from dashboard.navigation import Shell
from dashboard.tables import ordering_of

# More are found by their names.
REPS_SHOWN: Final = 200
SORTED_BY: Final = {"name": "name", "team": "team__name", "calls": "call_count", "last": "last_call_at"}


def reps(user: User, shell: Shell, query: QueryDict) -> dict[str, Any]:
    """Return those that this person may see: by name, unless asked otherwise, and who has left after who is at work."""
    form = RepFilter(query)
    words = ""
    if form.is_valid():
        words = form.cleaned_data["search"].strip()
    found = access.reps_for(user, shell.scope).select_related("team", "organization")
    if words:
        named = RepAlias.objects.filter(normalized__contains=words.casefold()).values("rep_id")
        found = found.filter(Q(name__icontains=words) | Q(pk__in=named))
    ordering = ordering_of(query.get("ordering", ""), SORTED_BY, "name")
    shown = list(found.order_by(*_order(ordering))[: REPS_SHOWN + 1])
    empty = tables.NO_REPS
    if words:
        empty = tables.NO_REP_OF_THIS_NAME
    elif shell.is_staff:
        empty = tables.NO_REPS_FOR_STAFF
    table = tables.reps(
        shown[:REPS_SHOWN],
        empty=empty,
        with_organization=shell.scope is None,
        ordering=ordering,
        has_density=True,
    )
    return {"filters": form, "table": table, "more": len(shown) > REPS_SHOWN}


def _order(ordering: str) -> list[Any]:
    """Return the columns to sort by: who has left comes last, whoever has nothing in the column after who has."""
    field = F(SORTED_BY[ordering.removeprefix("-")])
    by = field.asc(nulls_last=True)
    if ordering.startswith("-"):
        by = field.desc(nulls_last=True)
    return [F("archived_at").asc(nulls_first=True), by, "name", "pk"]


def rep(user: User, rep_id: UUID) -> SalesRep | None:
    """One rep with all their addresses, or None for one that this person does not see."""
    addresses = Prefetch("addresses", RepAlias.objects.order_by("-is_main", "normalized"))
    return (
        access.reps_for(user)
        .select_related("team", "organization")
        .prefetch_related(addresses)
        .filter(pk=rep_id)
        .first()
    )


def page(user: User, found: SalesRep, query: QueryDict) -> dict[str, Any]:
    """A rep and one page of the calls that are theirs."""
    ordering = ordering_of(query.get("ordering", ""), ("when",), library.NEWEST_FIRST)
    theirs = calls_for(user, found.organization_id).filter(rep=found)
    calls = library.listed(theirs, query, oldest_first=ordering == "when")
    shown = library.rows(calls)
    table = tables.calls(
        shown,
        caption=_("Calls"),
        with_rep=False,
        sorts=True,
        ordering=ordering,
        page=calls,
        pages=library.PAGES,
        has_density=True,
    )
    aliases = [address.address for address in found.addresses.all() if not address.is_main]
    waiting = [address.address for address in found.addresses.all() if address.is_waiting]
    return {"rep": found, "aliases": aliases, "waiting": waiting, "page": calls, "rows": shown, "table": table}
