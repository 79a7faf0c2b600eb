"""What is kept now and read later, by people of several languages: the sentence before its translation, and its facts.

A row that kept the translated words would speak the language of whoever was there when it was written, which for work
in the background is nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Saying:
    """A sentence of the catalogues (gettext_lazy) and the facts that stand in it as `%(name)s`."""

    text: Text
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in the reader's language."""
        words = str(self.text)
        if self.facts:
            return words % self.facts
        return words

    @property
    def plain(self) -> str:
        """As it is written in the code, whoever reads: for logs and tables."""
        with translation.override(None):
            return str(self)

    def kept(self) -> dict[str, Any]:
        """Return it as a JSON column keeps it."""
        with translation.override(None):
            facts = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in self.facts.items()}
            return {"text": str(self.text), "facts": facts}


def say(kept: Mapping[str, Any], otherwise: str) -> str:
    """Return what was kept, in the reader's language; `otherwise` where nothing was kept that can be said again."""
    if not kept.get("text"):
        return otherwise
    try:
        return str(Saying(translation.gettext(kept["text"]), kept.get("facts") or {}))
    except (KeyError, TypeError, ValueError):
        # Kept by a release whose sentence had other facts.
        return otherwise
