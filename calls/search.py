"""Calls found by their words: what somebody types into a search box,
and the places where it was said.

`"exact phrase"`, `or` and `-not` work as on the web; accents and case do not matter; the last word
may be the beginning of one ("nowa"). What was found is cut out and marked in the database, for the
rows of one page alone, and leaves as parts of plain text: no HTML to be trusted.
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

from calls import planning
from calls.incoming import clean
from calls.models import Call, CallSearch

CONFIG: Final = "calls_words"
FIELDS: Final = ("title", "summary", "transcript")
# Signs of private use. They are taken out of the text first, so that they can only be ours.
START, STOP, BETWEEN = "\ue000", "\ue001", "\ue002"
# These stand for < and > meanwhile, because PostgreSQL would leave out what is between them, as a
# tag.
LESS, MORE = "\ue003", "\ue004"
# It is put around punctuation that the parser may take for letters (as the migration of the search
# says), and taken away afterwards.
APART = "\x01"
PUNCTUATION: Final = (
    "[<>\u00a0-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f\U0001f000-\U0001faff\ue003\ue004]"
)
QUOTES: Final = re.compile("[“”„«»]")
# Places are looked for in so much of a transcript; the call is found by all of it.
PLACES_WITHIN: Final = 100_000
# More calls than anybody has.
EVERY: Final = 2**31 - 1
# Nearly every call has a word that begins with fewer letters than these.
SHORTEST_BEGINNING: Final = 3

_OPTIONS = f"StartSel={START},StopSel={STOP},FragmentDelimiter={BETWEEN}"
_HEADLINES = f"""
SELECT call.id, field.name, ts_headline('{CONFIG}', regexp_replace(
    translate(field.text, %(from)s, %(to)s), %(punctuation)s, %(apart)s, 'g'),
    q.words, field.options)
FROM (SELECT calls_query(%(query)s, %(begins)s) AS words) q, calls_call call
LEFT JOIN calls_transcript t ON t.call_id = call.id
CROSS JOIN LATERAL (VALUES
    ('title', call.title, '{_OPTIONS},HighlightAll=true'),
    ('summary', call.summary, '{_OPTIONS},MaxFragments=2,MaxWords=24,MinWords=8'),
    ('transcript', left(t.text, {PLACES_WITHIN}),
        '{_OPTIONS},MaxFragments=3,MaxWords=24,MinWords=8')
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
    """Write the query as the parser of the words would have it; '' when it has nothing to look
    for.
    """
    words = re.sub(PUNCTUATION, " ", QUOTES.sub('"', clean(query)))
    return unicodedata.normalize("NFC", words).strip()


class Asked(SearchQuery):
    """What was typed as a query of the words (`calls_query`, a function of ours
    in the database).
    """

    def __init__(self, words: str) -> None:
        super().__init__(words, search_type="websearch")
        self.function = "calls_query"
        self.set_source_expressions([Value(words), Value(may_go_on(words))])


def may_go_on(words: str) -> bool:
    """Tell whether the last word may be the beginning of a longer word.

    It may not inside of a phrase, nor where it is to be left out.
    """
    last = words.rpartition(" ")[2]
    if len(last) < SHORTEST_BEGINNING:
        return False
    if last.startswith("-"):
        return False
    is_in_phrase = words.count('"') % 2 == 1
    if is_in_phrase:
        return False
    return last[-1].isalnum()


def matching(calls: QuerySet[Call], query: str) -> QuerySet[Call]:
    """Keep those of these calls that have the words.

    An empty query keeps all of them, a query without a word in it none.
    """
    words = wanted(query)
    if words and planning.are_few(words, begins=may_go_on(words)):
        # In an order of its own, and so read by itself, before anything else
        # is asked of these calls.
        found = CallSearch.objects.filter(vector=Asked(words)).order_by("pk")[:EVERY].values("pk")
        return calls.filter(pk__in=found)
    if words:
        return calls.filter(search__vector=Asked(words))
    if clean(query).strip():
        return calls.none()
    return calls


def places(call_ids: Sequence[UUID], query: str) -> dict[UUID, list[Place]]:
    """Find, for each of these calls, the stretches in which the words are, and mark them.

    One statement serves all of the calls.
    """
    words = wanted(query)
    found: dict[UUID, list[Place]] = {}
    if not (words and call_ids):
        return found
    with connection.cursor() as cursor:
        # Whatever has no counterpart in `to` is taken out.
        texts = {"from": "<>" + START + STOP + BETWEEN + APART, "to": LESS + MORE}
        apart = {"punctuation": f"({PUNCTUATION})", "apart": rf"{APART}\1{APART}"}
        cursor.execute(
            _HEADLINES,
            {"query": words, "begins": may_go_on(words), "calls": list(call_ids), **texts, **apart},
        )
        rows = cursor.fetchall()
    for call_id, field, text in sorted(rows, key=lambda row: FIELDS.index(row[1])):
        for stretch in text.translate(_BACK).split(BETWEEN):
            if START in stretch:
                found.setdefault(call_id, []).append({"field": field, "parts": _parts(stretch)})
    return found


def marked(place: Place) -> SafeString:
    """Write the stretch as HTML: everything escaped, what was looked for in <mark>."""
    pieces = ((_marked_part(part),) for part in place["parts"])
    return format_html_join("", "{}", pieces)


def _marked_part(part: Part) -> str:
    if part["hit"]:
        return format_html("<mark>{}</mark>", part["text"])
    return part["text"]


def _parts(stretch: str) -> list[Part]:
    parts: list[Part] = []
    for piece in stretch.split(START):
        hit, stop, rest = piece.partition(STOP)
        if stop:
            parts += [{"text": hit, "hit": True}, {"text": rest, "hit": False}]
        else:
            parts.append({"text": hit, "hit": False})
    return [part for part in parts if part["text"]]
