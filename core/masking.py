"""Secrets in code and on screens: a type that cannot be printed, and the masks that people see."""

from typing import Any, Final, NoReturn

BULLETS: Final = "•" * 18


class Secret:
    """A value that must not be seen by accident: its `str`, `repr` and format are bullets.

    `reveal()` is the one way to the clear text, so that every place that uses it can be found by name.
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
        return isinstance(other, Secret) and other.reveal() == self.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Secret is not pickled: pass the row's id and read it there")


def mask_api_key(value: str) -> str:
    """`4jmc-ae...xvKAs` when at least 20 long, else bullets."""
    return f"{value[:7]}...{value[-5:]}" if len(value) >= 20 else BULLETS


def mask_bison_key(value: str) -> str:
    """`****...` and the last 8; bullets when that would show most of it."""
    return f"****...{value[-8:]}" if len(value) >= 20 else BULLETS


def is_mask(value: Any) -> bool:
    """Whether a value that a form sent back is a mask of ours, so that the stored secret is to be kept."""
    return isinstance(value, str) and (
        ("•" in value and set(value) == {"•"})
        or value.startswith("****...")
        or (len(value) == 15 and value[7:10] == "...")
    )
