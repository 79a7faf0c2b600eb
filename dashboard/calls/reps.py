"""Reps, as those see them who work with their calls."""

from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from calls.access import calls_for
from core.models import User
from crm import access, colleagues
from crm.models import RepAlias, SalesRep
from dashboard import paging
from dashboard.calls import library, tables
from dashboard.calls.rep_forms import RepFilter
from dashboard.navigation import Shell
from dashboard.tables import ordering_of

SORTED_BY: Final = {
    "name": "name",
    "team": "team__name",
    "calls": "call_count",
    "last": "last_call_at",
}


def reps(user: User, shell: Shell, query: QueryDict) -> dict[str, Any]:
    """Return those that this person may see: by name, unless asked otherwise,
    and who has left after who is at work.
    """
    form = RepFilter(query)
    words = ""
    if form.is_valid():
        words = form.cleaned_data["search"].strip()
    found = (
        access.reps_for(user, shell.scope)
        .filter(form.condition())
        .select_related("team", "organization")
    )
    if words:
        named = RepAlias.objects.filter(normalized__contains=words.casefold()).values("rep_id")
        found = found.filter(Q(name__icontains=words) | Q(pk__in=named))
    ordering = ordering_of(query.get("ordering", ""), SORTED_BY, "name")
    waiting = RepAlias.objects.filter(rep=OuterRef("pk"), is_waiting=True)
    rows = found.annotate(waits=Exists(waiting)).order_by(*_order(ordering))
    numbered = paging.by_number(rows, before=query.get("before", ""), after=query.get("after", ""))
    may_add = _may_add(user, shell)
    empty = tables.no_reps(may_add=may_add)
    if words or query.get("state"):
        empty = tables.NO_REP_OF_THIS_NAME
    table = tables.reps(
        numbered.items,
        empty=empty,
        with_organization=shell.scope is None,
        ordering=ordering,
        has_density=True,
        page=numbered,
        pages=tables.PAGES_OF_REPS,
    )
    return {"filters": form, "table": table, "may_add": may_add}


def _may_add(user: User, shell: Shell) -> bool:
    """Tell whether they may add a rep: to what they look at, or as staff to what
    they then choose.
    """
    if shell.current is None:
        return shell.is_staff and user.has_perm("crm.add_salesrep")
    return access.may(user, "add", SalesRep, shell.current.pk)


def _order(ordering: str) -> list[Any]:
    """Return the columns to sort by: who has left comes last, whoever has nothing
    in the column after who has.
    """
    field = F(SORTED_BY[ordering.removeprefix("-")])
    by = field.asc(nulls_last=True)
    if ordering.startswith("-"):
        by = field.desc(nulls_last=True)
    return [F("archived_at").asc(nulls_first=True), by, "name", "pk"]


def rep(user: User, rep_id: UUID) -> SalesRep | None:
    """Return one rep with all their addresses, or None for one that this person does not see."""
    addresses = Prefetch("addresses", RepAlias.objects.order_by("-is_main", "normalized"))
    return (
        access.reps_for(user)
        .select_related("team", "organization", "member__user")
        .prefetch_related(addresses)
        .filter(pk=rep_id)
        .first()
    )


def page(user: User, found: SalesRep, query: QueryDict) -> dict[str, Any]:
    """Return a rep and one page of the calls that are theirs."""
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
    return {
        "rep": found,
        "may_change": access.may(user, "change", SalesRep, found.organization_id),
        "colleague": colleagues.name_of(found.member) if found.member else "",
        "aliases": aliases,
        "waiting": waiting,
        "page": calls,
        "rows": shown,
        "table": table,
    }
