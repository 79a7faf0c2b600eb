"""What was typed, as every place that is looked in has it; and what is found."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from core.models import User
from core.words.sayings import Text
from dashboard.navigation import Shell

# So many of each kind are shown; the list behind them has all.
SHOWN: Final = 5
LONGEST: Final = 100
MOST_WORDS: Final = 8
# Of one letter there is too much to be of use.
FEWEST_LETTERS: Final = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. `detail` tells it from others of its name."""

    title: Text
    detail: Text
    href: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; `more`: the address of all of it,
    where there is more and a list of it.
    """

    kind: str
    label: Text
    hits: Sequence[Hit]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person looks for, and among what."""

    user: User
    shell: Shell
    text: str
    leads: dict[UUID, Any] = field(default_factory=dict, compare=False)
    """The leads that are found, by their ids: noted for those who look for the
    people behind them.
    """

    @classmethod
    def of(cls, user: User, shell: Shell, typed: str) -> "Asked":
        """Return what was typed without what no word has in it."""
        kept = "".join(
            character for character in typed if unicodedata.category(character) not in ("Cc", "Cs")
        )
        return cls(user, shell, unicodedata.normalize("NFC", kept).strip()[:LONGEST])

    @property
    def words(self) -> list[str]:
        return self.text.split()[:MOST_WORDS]

    @property
    def is_enough(self) -> bool:
        """Tell whether it is worth looking for."""
        return len(self.text) >= FEWEST_LETTERS

    @property
    def scope(self) -> UUID | None:
        return self.shell.scope

    def in_any(self, *columns: str) -> Q:
        """Return the condition that each word is in one of the columns."""
        wanted = Q()
        for word in self.words:
            of_word = Q()
            for column in columns:
                of_word |= Q(**{f"{column}__icontains": word})
            wanted &= of_word
        return wanted

    def is_in(self, text: str) -> bool:
        """Tell whether each word is in a text."""
        return all(word.casefold() in text.casefold() for word in self.words)

    def list_of(self, name: str) -> str:
        """Return the address of a list that is cut to the same words."""
        return f"{reverse(name)}?{urlencode({'search': self.text})}"


Look = Callable[[Asked], Group]


def group(kind: str, label: Text, found: Iterable[Hit], more: str = "") -> Group:
    """Return the first of what was found; the way to all of it where there
    is more than is shown.
    """
    hits = list(found)
    if len(hits) <= SHOWN:
        more = ""
    return Group(kind, label, hits[:SHOWN], more)
