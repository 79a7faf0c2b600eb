"""Sources of records: an app declares how to tell what became of each record that a vendor lists."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from core.runs.kinds import Words

# What `became` says of a record that is in Koppel; anything else is the reason why it is left out.
IN_KOPPEL: Final = "in_koppel"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One kind of records of one vendor.

    `became` gives what became of each of these records of a subject; a record that it does not name is missing.
    `stored` gives the names of those that are in Koppel on these days, so that what the vendor lists no more is found.
    `reasons` says in words why records are left out.
    """

    key: str
    name: Words
    vendor: str
    became: Callable[[UUID, Collection[str]], Mapping[str, str]]
    stored: Callable[[UUID, date, date], Iterable[tuple[date, str]]]
    reasons: Mapping[str, Words] = field(default_factory=dict)


_declared: dict[str, Source] = {}


def declare(source: Source) -> Source:
    """Make the source known. Once per key."""
    if _declared.setdefault(source.key, source) is not source:
        raise ValueError(f"The source {source.key} is declared twice")
    return source


def find(key: str) -> Source | None:
    """Return the source of this key; None for one that no code declares any more."""
    return _declared.get(key)
