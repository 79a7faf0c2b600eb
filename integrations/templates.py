"""Ready-made configurations of Custom, API and Database:
all but the address, the credentials and what is one's own.
"""

from typing import Any, Final

from integrations import registry, tiers
from integrations.providers.api import templates as api
from integrations.providers.base import Provider
from integrations.providers.custom import templates as custom
from integrations.providers.database import templates as database
from integrations.providers.ready import Template

TEMPLATES: Final[tuple[Template, ...]] = (*custom.TEMPLATES, *api.TEMPLATES, *database.TEMPLATES)


def described(template: Template) -> dict[str, Any]:
    """Return a template as the API has it: its configuration is one to be
    completed and sent back.
    """
    provider = provider_of(template)
    kind = provider.types[0]
    return {
        "key": template.key,
        "name": template.name,
        "description": str(template.description),
        "provider": provider.key,
        "type": kind,
        "icon": provider.icon,
        "minimumTier": tiers.required_for(kind, provider),
        "configuration": {"provider": provider.key, **template.configuration},
    }


def provider_of(template: Template) -> Provider:
    """Return the provider that a template is for."""
    provider = registry.find(template.provider)
    if provider is None:
        raise LookupError(f"The template {template.key} is for no provider that is declared")
    return provider
