"""Kinds of long work: what each is called, how it is done, and what it may not run beside.

An app declares its kinds in its `ready()`. A key that nobody declared is shown humanised
("email_accounts" → "Email accounts"), in English for every reader.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
# What a run is asked to do, beside its subject: its parameters.
Wish = Mapping[str, Any]
# The queue of what may take minutes or hours, most of them spent waiting for a vendor.
LONG: Final = "long"
STARTED: Final = _("It has started.")
JOINED: Final = _("This is under way already; this is it.")
WAITS: Final = _("Another one is under way; yours starts after it.")


def is_the_same(under_way: Wish, wish: Wish) -> bool:
    """Tell whether a run that is under way was asked for exactly this."""
    return dict(under_way) == dict(wish)


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of long work.

    `words` names the keys of its counts, outcomes and evidence; of these, `so_far` says how far
    a run is. Runs with one `lock` and one subject go one after another, whatever their kinds.
    `once`: whoever asks for what an open run does already (`covers`) joins that run.
    `vouches`: a run has succeeded only once it has said what the vendor has, and what became of it.
    """

    key: str
    name: Words
    # By name, as the one who starts it need not know how it is done.
    work: str
    words: Mapping[str, Words] = field(default_factory=dict)
    so_far: Sequence[str] = ()
    queue: str = LONG
    lock: str = ""
    once: bool = True
    covers: Callable[[Wish, Wish], bool] = is_the_same
    vouches: bool = False
    started: Words = STARTED
    joined: Words = JOINED
    waits: Words = WAITS


_declared: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    """Make the kind known. Once per key."""
    if _declared.setdefault(kind.key, kind) is not kind:
        raise ValueError(f"The kind of runs {kind.key} is declared twice")
    return kind


def find(key: str) -> Kind | None:
    """Return the kind of this key; None for one that no code declares any more."""
    return _declared.get(key)


def name_of(key: str) -> str:
    """Return what this kind of run is called, in the reader's language."""
    kind = find(key)
    if kind:
        return str(kind.name)
    return humanised(key)


def names() -> list[tuple[str, str]]:
    """Return each declared kind with what it is called in the reader's language."""
    return [(kind.key, str(kind.name)) for kind in _declared.values()]


def so_far(key: str) -> Sequence[str]:
    """Return the counts that say how far a run of this kind is, the first one first."""
    kind = find(key)
    if kind:
        return kind.so_far
    return ()


def word(key: str, name: str) -> str:
    """Return what a key of this kind's counts, outcomes or evidence is called."""
    kind = find(key)
    found = None
    if kind:
        found = kind.words.get(name)
    return str(found or humanised(name))


def humanised(key: str) -> str:
    """Return "Email accounts" for "email_accounts"."""
    words = str(key).replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]
