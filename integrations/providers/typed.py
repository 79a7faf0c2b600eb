"""A vendor's values as texts, and texts as its values: it has numbers and switches,
a mapping has texts alone.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_WHOLE: Final = frozenset({"int", "integer", "bigint", "long"})
_NUMBERS: Final = frozenset({"double", "currency", "percent"})
_SWITCHES: Final = {"true": True, "false": False}
_LISTS: Final = frozenset({"multiselectpicklist"})


class NotOfThisKind(ValueError):
    """A text cannot be a value of its field."""


@dataclass(frozen=True)
class Kinds:
    """What kind of value each field takes, as far as that is known; all others take text."""

    known: Mapping[str, str] = field(default_factory=dict)

    def typed(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Return values as the vendor takes them, an empty text as nothing;
        NotOfThisKind for what is none.
        """
        return {name: typed(self.known.get(name, ""), text) for name, text in fields.items()}


def text_of(value: Any) -> str:
    """Return a value of JSON as text: numbers as people write them, a record by its name,
    a list by its parts.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return text_of(value.get("name"))
    if isinstance(value, list):
        return ", ".join(text_of(part) for part in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def typed(kind: str, text: str) -> Any:
    """Return a text as a value of this kind."""
    if not text:
        return None
    if kind == "boolean":
        return _switch(text)
    if kind in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        if kind in _WHOLE:
            return int(text)
        if kind in _NUMBERS:
            return _number(text)
    except ValueError as error:
        raise NotOfThisKind(kind) from error
    return text


def _switch(text: str) -> bool:
    found = _SWITCHES.get(text.strip().lower())
    if found is None:
        raise NotOfThisKind("boolean")
    return found


def _number(text: str) -> float | int:
    number = float(text)
    if not math.isfinite(number):
        raise NotOfThisKind("double")
    return int(number) if number.is_integer() else number
