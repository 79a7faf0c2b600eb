"""Where an account's secrets are sent, as its values say: what is stored is not sent to anywhere else (decision 0153).

Whoever may change an integration may not read its secrets. Were an address changed and the stored secret kept, it
would go to whatever host they name.
"""

from collections.abc import Mapping
from typing import Any

from core.http import addresses
from core.vendors import Field
from integrations.providers.base import Provider


def lead_elsewhere(provider: Provider, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether secrets would be sent to where they were not sent before."""
    return bool(_of(provider, after) - _of(provider, before))


def _of(provider: Provider, values: Mapping[str, Any]) -> set[str]:
    fields = [field for field in provider.vendor.boxes if field.kind == "url" or field.is_destination]
    return {_of_field(field, str(values[field.name])) for field in fields if values.get(field.name)}


def _of_field(field: Field, text: str) -> str:
    """Return the origin of an address, whatever its path is, and else the value with its field's name."""
    if field.kind != "url":
        return f"{field.name}={text.strip().lower()}"
    try:
        origin, _path = addresses.parse(text)
    except addresses.Refused:
        return text
    return str(origin)
