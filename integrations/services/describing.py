"""A provider as the API and the forms have it, from what it declares."""

from typing import Any

from core.vendors import Field
from integrations import tiers
from integrations.providers.base import Provider


def described(provider: Provider) -> dict[str, Any]:
    """Return what people need to know to connect it."""
    kind = provider.types[0]
    return {
        "key": provider.key,
        "name": provider.name,
        "type": kind,
        "types": list(provider.types),
        "description": str(provider.description),
        "icon": provider.icon,
        "features": [str(feature) for feature in provider.features],
        "docsUrl": provider.docs_url,
        "minimumTier": tiers.required_for(kind, provider),
        "oauth": provider.oauth is not None,
        "contacts": provider.contacts is not None,
        "fields": [_field(field) for field in provider.vendor.boxes],
    }


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": field.name,
        "label": str(field.label),
        "type": field_type(field),
        "help": str(field.help),
        "placeholder": str(field.placeholder),
        "sensitive": field.secret,
        "default": field.default,
        "shownIf": field.shown_if,
        "validation": {"required": field.required, "maxLength": field.longest},
    }
    if field.options:
        found["options"] = [{"value": value, "label": str(label)} for value, label in field.options]
    return found


def field_type(field: Field) -> str:
    """Return how it is entered: a secret of one line is a password."""
    if field.secret and field.kind == "text":
        return "password"
    return field.kind
