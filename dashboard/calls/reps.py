"""Reps, as those see them who work with their calls."""

from typing import Any, Final
from uuid import UUID

from django.db.models import F, Prefetch, Q
from django.http import QueryDict

from calls.access import calls_for
from core.models import User
from crm import access
from crm.models import RepAlias, SalesRep
from dashboard.calls import library
from dashboard.calls.forms import RepFilter

# More are found by their names.
REPS_SHOWN: Final = 200


def reps(user: User, scope: UUID | None, query: QueryDict) -> dict[str, Any]:
    """Those that this person may see: first who is at work, then who has left, each by name."""
    form = RepFilter(query)
    words = form.cleaned_data["search"].strip() if form.is_valid() else ""
    found = access.reps_for(user, scope).select_related("team", "organization")
    if words:
        named = RepAlias.objects.filter(normalized__contains=words.casefold()).values("rep_id")
        found = found.filter(Q(name__icontains=words) | Q(pk__in=named))
    shown = list(found.order_by(F("archived_at").asc(nulls_first=True), "name", "pk")[: REPS_SHOWN + 1])
    return {"filters": form, "reps": shown[:REPS_SHOWN], "more": len(shown) > REPS_SHOWN, "filtered": bool(words)}


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
    calls = library.listed(calls_for(user, found.organization_id).filter(rep=found), query)
    aliases = [address.address for address in found.addresses.all() if not address.is_main]
    waiting = [address.address for address in found.addresses.all() if address.is_waiting]
    return {"rep": found, "aliases": aliases, "waiting": waiting, "page": calls, "rows": library.rows(calls)}
