"""Secrets in code and on screens: a type that cannot be printed, and the masks that people see."""

import hmac
import re
from typing import Any, Final, Self

BULLETS: Final = "•" * 18
MASKED_FROM: Final = 20
# What the functions below make, and a field of bullets of any length, as browsers and people
# shorten or lengthen it.
_MASK: Final = re.compile(r"•+|\S{7}\.\.\.\S{5}|\*{4}\.\.\.\S{8}")
_GAP: Final = re.compile(r"\s")


class Secret:
    """A value that must not be seen by accident: its `str`, `repr` and format are bullets.

    `reveal()` is the one way to the clear text, so that every place that uses it can
    be found by name.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return BULLETS

    def __repr__(self) -> str:
        return f"Secret({BULLETS})"

    def __format__(self, _spec: str) -> str:
        return BULLETS

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self.reveal()), _bytes(other.reveal()))

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("A Secret is not pickled: pass the row's id and read it there")


def mask_api_key(value: str) -> str:
    """Return `4jmc-ae...xvKAs` when at least 20 long, else bullets. A gap in it is a bullet:
    a mask has none.
    """
    if len(value) >= MASKED_FROM:
        return _GAP.sub("•", f"{value[:7]}...{value[-5:]}")
    return BULLETS


def mask_bison_key(value: str) -> str:
    """Return `****...` and the last 8; bullets when that would show most of it."""
    if len(value) >= MASKED_FROM:
        return f"****...{value[-8:]}"
    return BULLETS


def is_mask(value: Any) -> bool:
    """Tell whether a value that came back is a mask of ours, so that the stored
    secret is to be kept.

    No key can be mistaken for one: every mask with letters is 15 long, shorter than any secret
    that gets such a mask.

    No key can be mistaken for one: every mask with letters is 15 long, shorter than any secret
    that gets such a mask.
    """
    return isinstance(value, str) and _MASK.fullmatch(value.strip()) is not None


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
