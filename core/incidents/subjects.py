"""What incidents are about, in words: an instance, a workspace, an integration;
each app declares its own.

A maintenance window is planned over one, and a strip of uptime is drawn of one. `find`
returns those that a person may see; whether they may plan anything over them is asked
above (crm.services.incidents).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise


@dataclass(frozen=True)
class Subject:
    """One thing: its causes are whole, or beginnings that end with a colon;
    `down` are those in which it is down.
    """

    kind: str
    key: str
    name: str
    causes: tuple[str, ...]
    organization_id: UUID | None = None
    down: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One sort of subject. `checked` says on which days somebody looked;
    without it there is no uptime of them.

    `causes_now` returns by the keys of subjects what is theirs by now:
    for those that grow, as an instance does.
    """

    key: str
    word: str | Promise
    find: Callable[[Any], Iterable[Subject]]
    checked: Callable[[Sequence[Subject], datetime], Mapping[str, set[date]]] | None = None
    causes_now: Callable[[Collection[str]], Mapping[str, Sequence[str]]] | None = None


_declared: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    """Make a sort of subject known. Once per key."""
    if _declared.setdefault(kind.key, kind) is not kind:
        raise ValueError(f"The subject {kind.key} is declared twice")
    return kind


def declared() -> list[Kind]:
    """Return all sorts, in the order in which apps declared them."""
    return list(_declared.values())


def word_of(kind: str) -> str:
    """Return what a sort is called; its key for one that no code declares any more."""
    known = _declared.get(kind)
    return str(known.word) if known else kind


def causes_now(kind: str, keys: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Return by key the causes of subjects that grow; nothing for those that stay as they are."""
    known = _declared.get(kind)
    if known is None or known.causes_now is None:
        return {}
    return known.causes_now(keys)


def found_for(user: Any) -> list[Subject]:
    """Return every subject that this person may see."""
    return [subject for kind in declared() for subject in kind.find(user)]
