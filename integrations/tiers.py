"""What an organization's tier lets it connect."""

from typing import Final

from django.utils.translation import gettext as _

from crm.models import Organization
from integrations.models import Integration
from integrations.providers.base import Provider

Tier = Organization.Tier
Type = Integration.Type
# The lowest first.
ORDER: Final = (Tier.FREE, Tier.STARTER, Tier.TEAM, Tier.BUSINESS, Tier.PRO_PLUS, Tier.ENTERPRISE)
MINIMUM: Final = {
    Type.CRM: Tier.FREE,
    Type.HELPDESK: Tier.FREE,
    Type.CALENDAR: Tier.FREE,
    Type.CHAT_WIDGET: Tier.STARTER,
    Type.DATABASE: Tier.PRO_PLUS,
    Type.API: Tier.PRO_PLUS,
    Type.WEBHOOK: Tier.PRO_PLUS,
}


class TierLimit(Exception):
    """The organization's tier does not go so far. `required` does; '' where none does."""

    def __init__(self, required: str) -> None:
        super().__init__(required)
        self.required = required

    def __str__(self) -> str:
        if not self.required:
            return _("The limit of your plan is reached.")
        return _("Your plan does not include this. The plan %(tier)s does.") % {
            "tier": Tier(self.required).label
        }


def reaches(tier: str, required: str) -> bool:
    """Tell whether a tier is the required one or above it."""
    return ORDER.index(Tier(tier)) >= ORDER.index(Tier(required))


def required_for(kind: str, provider: Provider) -> str:
    """Return the lowest tier that may have an integration of this type with this provider."""
    return max(MINIMUM[Type(kind)], Tier(provider.minimum_tier), key=ORDER.index)


def require(organization: Organization, required: str) -> None:
    """Raise TierLimit where the organization's tier is below."""
    if not reaches(organization.tier, required):
        raise TierLimit(required)
