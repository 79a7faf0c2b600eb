"""What can be connected: services by type, with the tier that unlocks what the
organization's does not reach.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from crm.models import Organization
from integrations import registry, tiers
from integrations.models import Integration
from integrations.providers.base import Provider

# In the order in which they are shown.
TYPES: Final = tuple(Integration.Type)


@dataclass(frozen=True)
class Service:
    """One service as something that can be connected."""

    provider: Provider
    kind: str
    url: str
    needs: str
    """The tier that unlocks it; '' where the organization's reaches."""

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def tier(self) -> str:
        """The words for the tier that unlocks it."""
        if not self.needs:
            return ""
        return str(Organization.Tier(self.needs).label)


@dataclass(frozen=True)
class Group:
    """The services of one type."""

    kind: str
    services: list[Service]

    @property
    def label(self) -> str:
        return str(Integration.Type(self.kind).label)


def groups(
    organization: Organization | None, words: str = "", *, is_staff: bool = False
) -> list[Group]:
    """Return what can be connected, by type; `words` cuts it to services whose name
    or description has them.
    """
    found = []
    for kind in TYPES:
        services = [_service(each, kind, organization, is_staff) for each in _of(kind, words)]
        if services:
            found.append(Group(kind, services))
    return found


def find(
    key: str, kind: str, organization: Organization | None, *, is_staff: bool = False
) -> Service | None:
    """Return the service that an address names; of its types the first where the address
    names none of them.
    """
    provider = registry.find(key)
    if provider is None:
        return None
    if kind not in provider.types:
        kind = provider.types[0]
    return _service(provider, kind, organization, is_staff)


def _of(kind: str, words: str) -> Iterable[Provider]:
    for provider in registry.providers():
        text = f"{provider.name} {provider.description}".casefold()
        if kind in provider.types and words.casefold() in text:
            yield provider


def _service(
    provider: Provider, kind: str, organization: Organization | None, is_staff: bool
) -> Service:
    required = tiers.required_for(kind, provider)
    needs = ""
    if organization is not None and not tiers.reaches(organization.tier, required):
        needs = required
    asked = {"provider": provider.key, "type": kind}
    if is_staff and organization is not None:
        asked["organization"] = str(organization.pk)
    return Service(
        provider, kind, f"{reverse('dashboard:integration_new')}?{urlencode(asked)}", needs
    )
