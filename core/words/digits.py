"""Numbers that come from outside: written as text, or as JSON writes them."""

from typing import Any, TypeGuard


def are_digits(text: Any, longest: int) -> TypeGuard[str]:
    """Tell whether this is a text of ASCII digits alone, `longest` at most.

    `isdecimal` alone lets the digits of other scripts through, and a long text keeps `int` at work.
    """
    if not isinstance(text, str) or not text.isascii():
        return False
    return text.isdecimal() and len(text) <= longest


def is_whole(value: Any) -> TypeGuard[int]:
    """Tell whether this is a whole number; True and False pass for numbers elsewhere."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Tell whether this is a number; True and False pass for numbers elsewhere."""
    return isinstance(value, int | float) and not isinstance(value, bool)
