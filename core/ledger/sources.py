"""Sources of records: an app declares which of a vendor's records are in Koppel."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from core.runs.kinds import Words


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One kind of records of one vendor.

    `stored` gives day and name of each record of a subject that is in Koppel, between two days,
    both included. `reasons` says in words why records are left out.
    """

    key: str
    name: Words
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
