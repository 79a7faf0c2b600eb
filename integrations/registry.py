"""All providers, a line each: from what they declare come forms, API, tests, masks,
admin and documents.
"""

from typing import Final

from core import vendors
from integrations.models import Integration
from integrations.providers import (
    api,
    chatwoot,
    custom,
    database,
    hubspot,
    pipedrive,
    salesforce,
    webhook,
    zoho,
)
from integrations.providers.base import Provider

PROVIDERS: Final[tuple[Provider, ...]] = (
    chatwoot.PROVIDER,
    salesforce.PROVIDER,
    hubspot.PROVIDER,
    zoho.PROVIDER,
    pipedrive.PROVIDER,
    custom.PROVIDER,
    database.PROVIDER,
    api.PROVIDER,
    webhook.PROVIDER,
)

_known: dict[str, Provider] = {}


def declare(provider: Provider) -> Provider:
    """Make a provider known. Once per key."""
    if _known.setdefault(provider.key, provider) is not provider:
        raise ValueError(f"The provider {provider.key} is declared twice")
    vendors.declare(provider.vendor)
    return provider


def declare_all() -> None:
    """Make all providers known, when the app is ready."""
    for provider in PROVIDERS:
        declare(provider)


def providers() -> list[Provider]:
    """Return every known provider, in the order of the list."""
    return list(_known.values())


def find(key: str) -> Provider | None:
    """Return the provider of this key; None for one that nobody declares."""
    return _known.get(key)


def provider_of(integration: Integration) -> Provider:
    """Return an integration's provider; LookupError where no code declares it any more."""
    provider = find(integration.provider)
    if provider is None:
        raise LookupError(f"No provider {integration.provider} is declared")
    return provider
