"""What somebody may have meant who typed a word that no call has:
the nearest one that their calls do have.

Likeness is that of trigrams, over the words of the organization's calls. A word is offered only
after it was found in what the person may see: nobody learns from a suggestion what is in the
calls of others.
"""

import re
from typing import Final
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import QuerySet

from calls import search
from calls.models import Call, SearchedWord

# Each word and each candidate costs a few looks into an index.
MOST_WORDS: Final = 4
CANDIDATES: Final = 4
LISTED: Final = 51
WORD: Final = re.compile(r"\b[^\W\d_]{4,40}\b")


def suggestion(calls: QuerySet[Call], query: str, organization_id: UUID | None) -> str:
    """Return the query, which these calls lack, with its unknown words exchanged for near ones;
    '' where they then lack it as well.

    `organization_id` is the one that is looked at; None for all.
    """
    typed = search.wanted(query)
    if not 1 <= len(WORD.findall(typed)) <= MOST_WORDS:
        return ""
    if WORD.fullmatch(typed):
        # A word alone is known to be in none of the calls, and what is near it was found in them.
        meant = _near(calls, typed, organization_id)
        return "" if meant.casefold() == typed.casefold() else meant
    meant = WORD.sub(lambda word: _known_or_near(calls, word[0], organization_id), typed)
    if meant == typed:
        return ""
    if not _have(calls, meant):
        return ""
    return meant


def _known_or_near(calls: QuerySet[Call], word: str, organization_id: UUID | None) -> str:
    if _have(calls, word):
        return word
    return _near(calls, word, organization_id)


def _near(calls: QuerySet[Call], word: str, organization_id: UUID | None) -> str:
    """Return the nearest word that these calls have; the word itself where there is none."""
    known = SearchedWord.objects.filter(word__trigram_similar=word.casefold())
    if organization_id is not None:
        known = known.filter(organization_id=organization_id)
    alike = known.order_by(-TrigramSimilarity("word", word.casefold()), "word").values_list(
        "word", flat=True
    )
    # A word that several organizations have is one candidate.
    candidates = list(dict.fromkeys(alike[: 2 * CANDIDATES]))
    return next((near for near in candidates[:CANDIDATES] if _have(calls, near)), word)


def _have(calls: QuerySet[Call], word: str) -> bool:
    # Asked for any one of them, the database would read the words of every call;
    # asked as the list does, it looks into the index of the words.
    newest = (
        search.matching(calls, word).order_by("-happened_at", "-pk").values_list("pk", flat=True)
    )
    return bool(newest[:LISTED])
