"""What is kept now and read later, by people of several languages:
the sentence before its translation, and its facts.

A row that kept the translated words would speak the language of whoever was there when it was
written, which for work in the background is nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise

Text = str | Promise
# How a day stands in a sentence, and under which name it is kept.
DAY: Final = "j F Y"
KEPT_DAY: Final = "day"


@dataclass(frozen=True)
class Saying:
    """A sentence of the catalogues (gettext_lazy) and the facts that stand in it as `%(name)s`."""

    text: Text
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in the reader's language."""
        words = str(self.text)
        if self.facts:
            return words % {name: _in_words(fact) for name, fact in self.facts.items()}
        return words

    @property
    def plain(self) -> str:
        """As it is written in the code, whoever reads: for logs and tables."""
        with translation.override(None):
            return str(self)

    def kept(self) -> dict[str, Any]:
        """Return it as a JSON column keeps it."""
        with translation.override(None):
            return {
                "text": str(self.text),
                "facts": {name: _kept(fact) for name, fact in self.facts.items()},
            }


def _in_words(fact: Any) -> Any:
    return date_format(fact, DAY) if _is_day(fact) else fact


def _is_day(fact: Any) -> bool:
    return isinstance(fact, date) and not isinstance(fact, datetime)


def _kept(fact: Any) -> Any:
    if _is_day(fact):
        return {KEPT_DAY: fact.isoformat()}
    return fact if isinstance(fact, int | float) else str(fact)


def _as_it_was(fact: Any) -> Any:
    return date.fromisoformat(fact[KEPT_DAY]) if isinstance(fact, dict) else fact


def say(kept: Mapping[str, Any], otherwise: str) -> str:
    """Return what was kept, in the reader's language; `otherwise` where nothing was kept
    that can be said again.
    """
    if not kept.get("text"):
        return otherwise
    try:
        facts = {name: _as_it_was(fact) for name, fact in (kept.get("facts") or {}).items()}
        return str(Saying(translation.gettext(kept["text"]), facts))
    except (KeyError, TypeError, ValueError):
        # Kept by a release whose sentence had other facts.
        return otherwise
