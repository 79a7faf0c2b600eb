"""What is kept now and read later, by people of several languages: the sentence before its translation, and its facts.

A row that kept the translated words would speak the language of whoever was there when it was written, which for work
in the background is nobody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise

Text = str | Promise
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Saying:
    """A sentence of the catalogues (gettext_lazy) and the facts that stand in it as `%(name)s`.

    A day among the facts, kept as "2026-12-01", is said in the reader's words.
    """

    text: Text
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in the reader's language."""
        words = str(self.text)
        if self.facts:
            return words % {name: in_words(fact) for name, fact in self.facts.items()}
        return words

    @property
    def plain(self) -> str:
        """As it is written in the code, whoever reads: for logs and tables."""
        with translation.override(None):
            return str(self)

    def kept(self) -> dict[str, Any]:
        """For a JSON column."""
        with translation.override(None):
            facts = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in self.facts.items()}
            return {"text": str(self.text), "facts": facts}


def in_words(fact: Any) -> Any:
    """Return a day as "1 December 2026"; any other fact as it is."""
    if isinstance(fact, str) and DAY.fullmatch(fact):
        try:
            return date_format(date.fromisoformat(fact), "j F Y")
        except ValueError:
            return fact
    return fact


def say(kept: Mapping[str, Any], otherwise: str) -> str:
    """What was kept, in the reader's language; `otherwise` where nothing was kept that can be said again."""
    if not kept.get("text"):
        return otherwise
    try:
        return str(Saying(translation.gettext(kept["text"]), kept.get("facts") or {}))
    except (KeyError, TypeError, ValueError):
        # Kept by a release whose sentence had other facts.
        return otherwise
