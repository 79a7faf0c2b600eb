"""Where and how an account's secrets are sent, as its values say:
what is stored goes no other way (decision 0153).

Whoever may change an account may not read its secrets. Were an address changed and the stored
secret kept, it would go to whatever host they name; were the encryption switched off, to whoever
reads along.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.http import addresses
from core.masking import Secret, is_mask
from core.vendors.declarations import Field, Vendor
from core.words.sayings import Text

AGAIN: Final = _(
    "Enter this again: the address is another one, and what is stored is not sent there."
)

UNPROTECTED: Final = _(
    "Enter this again: the connection is less protected now, and what is stored is not sent by it."
)


def lead_elsewhere(vendor: Vendor, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether secrets would be sent to where they were not sent before."""
    return bool(_of(vendor, after) - _of(vendor, before))


def are_less_protected(vendor: Vendor, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether secrets would be sent in a way that is weaker than before."""
    return any(
        _rank(field, after) > _rank(field, before) for field in vendor.boxes if field.strengths
    )


def why_again(vendor: Vendor, before: Mapping[str, Any], after: Mapping[str, Any]) -> Text:
    """Say why secrets are entered again; '' where they go the way that they went before."""
    if lead_elsewhere(vendor, before, after):
        return AGAIN
    return UNPROTECTED if are_less_protected(vendor, before, after) else ""


def refuse_kept_secrets(
    vendor: Vendor, in_use: Mapping[str, Any], entered: Mapping[str, Any]
) -> None:
    """Raise ValidationError for each secret in use that would be sent elsewhere, or less protected.

    It is entered again, whole.
    """
    after = {**in_use, **{name: value for name, value in entered.items() if value is not None}}
    why = why_again(vendor, in_use, after)
    if not why:
        return
    secrets = [field.name for field in vendor.boxes if field.secret and field.name in in_use]
    kept = [name for name in secrets if _is_kept(entered.get(name))]
    if kept:
        raise ValidationError({name: ValidationError(str(why), code="required") for name in kept})


def _rank(field: Field, values: Mapping[str, Any]) -> int:
    """Return the place of what is chosen among the ways of sending;
    what is none of them is refused elsewhere.
    """
    chosen = str(values.get(field.name) or field.default)
    return field.strengths.index(chosen) if chosen in field.strengths else 0


def _is_kept(entered: Any) -> bool:
    if entered is None:
        return True
    if isinstance(entered, Secret):
        entered = entered.reveal()
    return is_mask(str(entered))


def _of(vendor: Vendor, values: Mapping[str, Any]) -> set[str]:
    fields = [field for field in vendor.boxes if field.kind == "url" or field.is_destination]
    return {_of_field(field, str(values[field.name])) for field in fields if values.get(field.name)}


def _of_field(field: Field, text: str) -> str:
    """Return the origin of an address, whatever its path is, and else the value
    with its field's name.
    """
    if field.kind != "url":
        return f"{field.name}={text.strip().lower()}"
    try:
        origin, _path = addresses.parse(text)
    except addresses.Refused:
        return text
    return str(origin)
