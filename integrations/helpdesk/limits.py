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
    if _has_room(Tier(organization.tier), used):
        return
    wide = [tier for tier in tiers.ORDER if _has_room(tier, used)]
    raise TierLimit(wide[0] if wide else "")


def _has_room(tier: Tier, used: int) -> bool:
    return AGENTS[tier] == UNLIMITED or used < AGENTS[tier]
