"""What stands around a call: the next and the previous in the list that it was opened from,
and others of its lead.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from calls import search
from calls.models import Call
from core.models import User
from core.quick import quickly
from dashboard.calls import library

RELATED: Final = 5
# What is shown of a call beside its name.
SHOWN: Final = ("title", "happened_at", "outcome", "source", "lead__name")


@dataclass(frozen=True)
class Neighbours:
    """The addresses of the calls beside one in its list, '' where it ends, and that of the list."""

    newer: str
    older: str
    list_address: str


def neighbours(
    seen: QuerySet[Call], user: User, scope: UUID | None, query: QueryDict, call: Call
) -> Neighbours:
    """Find the calls beside this one: in the list that the address names,
    else among all that they see (`seen`).
    """
    cut = library.kept(query)
    asked = ""
    if cut:
        asked = f"?{cut}"
    among = seen
    if scope:
        among = among.filter(organization_id=scope)
    if cut:
        found = library.cut(user, scope, QueryDict(cut))
        among = search.matching(found.among, found.words)
    at, same = call.happened_at, Q(happened_at=call.happened_at)
    newer = (
        among.filter(happened_at__gte=at)
        .exclude(same & Q(pk__lte=call.pk))
        .order_by("happened_at", "pk")
    )
    older = (
        among.filter(happened_at__lte=at)
        .exclude(same & Q(pk__gte=call.pk))
        .order_by("-happened_at", "-pk")
    )
    return Neighbours(
        _address(newer, asked), _address(older, asked), f"{reverse('dashboard:calls')}{asked}"
    )


def _address(calls: QuerySet[Call], asked: str) -> str:
    """Return the address of the first of them; '' where there is none."""
    for call_id in calls.values_list("pk", flat=True)[:1]:
        return f"{reverse('dashboard:call', args=[call_id])}{asked}"
    return ""


def related(seen: QuerySet[Call], call: Call) -> list[Call]:
    """Return the newest other calls with the same lead, of those that this person sees."""
    if call.lead_id is None:
        return []
    others = seen.filter(organization_id=call.organization_id, lead_id=call.lead_id).exclude(
        pk=call.pk
    )
    shown = quickly(others.select_related("lead").only(*SHOWN))
    return list(shown.order_by("-happened_at", "-pk")[:RELATED])
