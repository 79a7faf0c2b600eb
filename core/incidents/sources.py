"""Where an incident comes from, by what its cause begins with:
each app declares its own beginnings.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise


@dataclass(frozen=True)
class Source:
    """One origin of incidents, in words, and what the causes of its incidents begin with."""

    key: str
    word: str | Promise
    beginnings: tuple[str, ...]


_declared: dict[str, Source] = {}


def declare(key: str, word: str | Promise, *beginnings: str) -> None:
    """Make a source known."""
    _declared[key] = Source(key, word, beginnings)


def declared() -> list[Source]:
    """Return all sources, in the order in which they were declared."""
    return list(_declared.values())


def of(cause: str) -> Source | None:
    """Return the source of a cause; None for one that nobody declared."""
    return next(
        (source for source in _declared.values() if cause.startswith(source.beginnings)), None
    )


def condition(key: str) -> Q:
    """Return what chooses the incidents of one source; none for one that nobody declared."""
    source = _declared.get(key)
    wanted = Q(pk__in=())
    for beginning in source.beginnings if source else ():
        wanted |= Q(cause__startswith=beginning)
    return wanted
