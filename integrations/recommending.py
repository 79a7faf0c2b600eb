"""What a person might connect next, from what their colleagues use. Counting is enough:
no model is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from core.connections import Connection
from core.models import User
from crm.models import Organization
from integrations import access, registry, tiers
from integrations.models import Integration
from integrations.providers.base import Provider

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A service that so many colleagues have connected. `shared`: one of theirs that the person
    may use already.
    """

    provider: Provider
    colleagues: int
    shared: Integration | None = None

    @property
    def type(self) -> str:
        return self.provider.types[0]


def recommended(user: User, organization: Organization) -> Sequence[Recommendation]:
    """Return what works for most colleagues, is within the tier, and the person has not connected;
    three at most.
    """
    working = Integration.objects.filter(
        organization=organization,
        is_active=True,
        account__state=Connection.CONNECTED,
        owner__isnull=False,
    )
    has = access.own(user, organization.pk).values("provider")
    others = working.exclude(owner=user).exclude(provider__in=has)
    counted = others.values("provider").annotate(colleagues=Count("owner", distinct=True))
    used = list(counted.order_by("-colleagues", "provider"))
    if not used:
        return []
    shared = {row.provider: row for row in others.filter(is_shared=True).select_related("owner")}
    found = []
    for row in used:
        provider = registry.find(row["provider"])
        if provider is None or not _may_connect(organization, provider):
            continue
        found.append(Recommendation(provider, row["colleagues"], shared.get(provider.key)))
    return found[:MOST]


def _may_connect(organization: Organization, provider: Provider) -> bool:
    return any(
        tiers.reaches(organization.tier, tiers.required_for(kind, provider))
        for kind in provider.types
    )
