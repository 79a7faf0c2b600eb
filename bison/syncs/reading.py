"""Values as the vendor writes them: numbers that come as text, moments, flags;
what cannot be one is None or ''.
"""

from collections.abc import Mapping
from typing import Any, Final

from core.words.digits import are_digits, is_whole

# As much as the columns hold.
LARGEST_ID: Final = 2**63 - 1
LARGEST_COUNT: Final = 2**31 - 1
_LONGEST: Final = 19
_YES: Final = {"true", "1"}


def whole(value: Any, most: int = LARGEST_COUNT) -> int | None:
    """Return a number from 0 to `most`, written as a number or as text."""
    if are_digits(value, _LONGEST):
        value = int(value)
    if is_whole(value) and 0 <= value <= most:
        return value
    return None


def number_of(row: Any) -> int | None:
    """Return a row's `id`; None where it has none that can be kept."""
    if not isinstance(row, Mapping):
        return None
    return whole(row.get("id"), LARGEST_ID) or None


def name_of(value: Any) -> str:
    """Return an id as text; '' for none."""
    number = whole(value, LARGEST_ID)
    if number:
        return str(number)
    return ""


def text(value: Any, longest: int | None = None) -> str:
    """Return a text, cut to what its column holds."""
    if not isinstance(value, str):
        return ""
    return value[:longest]


def flag(value: Any) -> bool:
    """Tell whether it is true, however that is written."""
    return value is True or str(value).lower() in _YES


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the object, or an empty one for what is none."""
    if isinstance(value, Mapping):
        return value
    return {}
