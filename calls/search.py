"""Calls found by their words: what somebody types into a search box, and the places where it was said.

`"exact phrase"`, `or` and `-not` work as on the web; accents and case do not matter; the last word may be the beginning
of one ("nowa"). What was found is cut out and marked in the database, for the rows of one page alone, and leaves as
parts of plain text: no HTML to be trusted.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, TypedDict
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet, Value
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from calls.incoming import clean
from calls.models import Call

CONFIG: Final = "calls_words"
FIELDS: Final = ("title", "summary", "transcript")
# Of private use: taken out of the text first, so that they can only be ours.
START, STOP, BETWEEN = "\ue000", "\ue001", "\ue002"
# What stands for < and > meanwhile: PostgreSQL would leave out what is between them, as a tag.
LESS, MORE = "\ue003", "\ue004"
# Put around punctuation that the parser may take for letters (as the migration of the search says), and taken away.
APART = "\x01"
PUNCTUATION: Final = "[<>\u00a0-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f\U0001f000-\U0001faff\ue003\ue004]"
QUOTES: Final = re.compile("[“”„«»]")
# A transcript is searched for places so far; the call is found by all of it.
PLACES_WITHIN: Final = 100_000
# Of fewer letters than that nearly every call has a word that begins so.
SHORTEST_BEGINNING: Final = 3

_OPTIONS = f"StartSel={START},StopSel={STOP},FragmentDelimiter={BETWEEN}"
_HEADLINES = f"""
SELECT call.id, field.name, ts_headline('{CONFIG}', regexp_replace(
    translate(field.text, %(from)s, %(to)s), %(punctuation)s, %(apart)s, 'g'), q.words, field.options)
FROM (SELECT calls_query(%(query)s, %(begins)s) AS words) q, calls_call call
LEFT JOIN calls_transcript t ON t.call_id = call.id
CROSS JOIN LATERAL (VALUES
    ('title', call.title, '{_OPTIONS},HighlightAll=true'),
    ('summary', call.summary, '{_OPTIONS},MaxFragments=2,MaxWords=24,MinWords=8'),
    ('transcript', left(t.text, {PLACES_WITHIN}), '{_OPTIONS},MaxFragments=3,MaxWords=24,MinWords=8')
) AS field(name, text, options)
WHERE call.id = ANY(%(calls)s::uuid[]) AND field.text <> ''
"""  # noqa: S608  constants of this file


_BACK: Final = str.maketrans({LESS: "<", MORE: ">", APART: None})


class Part(TypedDict):
    """A stretch of text, and whether it is what was looked for."""

    text: str
    hit: bool


class Place(TypedDict):
    """Where it was found: one stretch out of title, summary or transcript."""

    field: str
    parts: list[Part]


def wanted(query: str) -> str:
    """The query as the parser of the words would have it; '' when there is nothing in it to look for."""
    words = re.sub(PUNCTUATION, " ", QUOTES.sub('"', clean(query)))
    return unicodedata.normalize("NFC", words).strip()


class Asked(SearchQuery):
    """What was typed as a query of the words (`calls_query`, a function of ours in the database)."""

    def __init__(self, words: str) -> None:
        super().__init__(words, search_type="websearch")
        self.function = "calls_query"
        self.set_source_expressions([Value(words), Value(may_go_on(words))])


def may_go_on(words: str) -> bool:
    """Whether the last word may be the beginning of one: not inside of a phrase, nor of what is to be left out."""
    last = words.rpartition(" ")[2]
    return len(last) >= SHORTEST_BEGINNING and last[-1].isalnum() and last[0] != "-" and words.count('"') % 2 == 0


def matching(calls: QuerySet[Call], query: str) -> QuerySet[Call]:
    """Those of these calls that have the words; all of them for an empty query, none for one without a word in it."""
    words = wanted(query)
    if not words:
        return calls.none() if clean(query).strip() else calls
    return calls.filter(search__vector=Asked(words))


def places(call_ids: Sequence[UUID], query: str) -> dict[UUID, list[Place]]:
    """For each of these calls the stretches in which the words are, marked; one statement for all of them."""
    words = wanted(query)
    found: dict[UUID, list[Place]] = {}
    if not (words and call_ids):
        return found
    with connection.cursor() as cursor:
        # Whatever has no counterpart in `to` is taken out.
        texts = {"from": "<>" + START + STOP + BETWEEN + APART, "to": LESS + MORE}
        apart = {"punctuation": f"({PUNCTUATION})", "apart": rf"{APART}\1{APART}"}
        cursor.execute(
            _HEADLINES, {"query": words, "begins": may_go_on(words), "calls": list(call_ids), **texts, **apart}
        )
        rows = cursor.fetchall()
    for call_id, field, text in sorted(rows, key=lambda row: FIELDS.index(row[1])):
        for stretch in text.translate(_BACK).split(BETWEEN):
            if START in stretch:
                found.setdefault(call_id, []).append({"field": field, "parts": _parts(stretch)})
    return found


def marked(place: Place) -> SafeString:
    """The stretch as HTML: everything escaped, what was looked for in <mark>."""
    pieces = (
        (format_html("<mark>{}</mark>", part["text"]) if part["hit"] else part["text"],) for part in place["parts"]
    )
    return format_html_join("", "{}", pieces)


def _parts(stretch: str) -> list[Part]:
    parts: list[Part] = []
    for piece in stretch.split(START):
        hit, stop, rest = piece.partition(STOP)
        if stop:
            parts += [{"text": hit, "hit": True}, {"text": rest, "hit": False}]
        else:
            parts.append({"text": hit, "hit": False})
    return [part for part in parts if part["text"]]
