"""How many agents an organization may make, by its tier."""

from typing import Final

from crm.models import Organization
from integrations import tiers
from integrations.tiers import TierLimit

Tier = Organization.Tier
UNLIMITED: Final = -1
AGENTS: Final = {
    Tier.FREE: 1,
    Tier.STARTER: 2,
    Tier.TEAM: 3,
    Tier.BUSINESS: 5,
    Tier.PRO_PLUS: 10,
    Tier.ENTERPRISE: UNLIMITED,
}
# The lowest that may put a widget on a website.
WIDGET: Final = Tier.STARTER


def of(organization: Organization) -> int:
    """Return how many agents the organization may have made; -1: as many as it likes."""
    return AGENTS[Tier(organization.tier)]


def require_room(organization: Organization, used: int) -> None:
    """Raise TierLimit, with the lowest tier that has room, where all places are taken."""
    if not has_room(organization, used):
        raise TierLimit(next_plan(organization, used))


def has_room(organization: Organization, used: int) -> bool:
    """Tell whether the organization may make another agent."""
    return _has_room(Tier(organization.tier), used)


def next_plan(organization: Organization, used: int) -> str:
    """Return the lowest tier above the organization's that has room; '' where none has."""
    above = tiers.ORDER[tiers.ORDER.index(Tier(organization.tier)) + 1 :]
    return next((tier.value for tier in above if _has_room(tier, used)), "")


def _has_room(tier: Tier, used: int) -> bool:
    return AGENTS[tier] == UNLIMITED or used < AGENTS[tier]
