"""The endpoint's answers, made fit to keep. Whoever answers may be broken or hostile:
nothing of it is taken on trust.

verbose_json  {"text", "language", "duration", "segments": [{"start", "end", "text", …}]}
json          {"text"}: one segment, as endpoints give it that keep no times
completion    {"choices": [{"message": {"content"}, "finish_reason"}]}
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from calls.incoming import MAX_SECONDS, Segment, clean
from core.errors import UNREADABLE, Temporary
from core.http import Answer

MOST_SEGMENTS: Final = 20_000
MOST_IN_A_SEGMENT: Final = 5_000
# These are some eight hours of quick talk.
MOST_CHARACTERS: Final = 1_000_000
MOST_OF_A_SUMMARY: Final = 20_000
# This is every character that only controls, but for the tab and the new line,
# and what stands where one was.
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]"
)
# Endpoints write languages out; the library has their codes.
CODES: Final[Mapping[str, str]] = {
    "dutch": "nl", "english": "en", "french": "fr", "german": "de", "italian": "it", "polish": "pl",
    "portuguese": "pt", "spanish": "es",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in one file: segments whose speakers nobody knows."""

    segments: list[Segment]
    language: str


def heard(answer: Answer) -> Heard:
    """Read what the endpoint heard; raise Temporary where its answer is none."""
    payload = _object(answer)
    rows, whole = payload.get("segments"), payload.get("text")
    if not isinstance(rows, list) and not isinstance(whole, str):
        raise Temporary(answer.vendor, UNREADABLE, status=answer.status)
    segments: list[Segment] = []
    if isinstance(rows, list):
        segments = list(_segments(rows))
    if not segments and (text := tidy(whole)):
        segments = [{"speaker": "", "at": 0, "text": part} for part in _cut(text)]
    return Heard(segments, _language(payload.get("language")))


def summary(answer: Answer) -> str:
    """Read the summary; raise Temporary where there is none in the answer."""
    text = tidy(_content(_object(answer)))[:MOST_OF_A_SUMMARY]
    if not text:
        raise Temporary(answer.vendor, UNREADABLE, status=answer.status)
    return text


def _content(payload: Mapping[str, Any]) -> Any:
    choices = payload.get("choices")
    if not isinstance(choices, list) or not choices:
        return None
    first = choices[0]
    if not isinstance(first, Mapping):
        return None
    message = first.get("message")
    if not isinstance(message, Mapping):
        return None
    return message.get("content")


def tidy(text: Any) -> str:
    """Return text without what only controls; empty for what is no text."""
    if not isinstance(text, str):
        return ""
    return _CONTROL.sub("", clean(text[:MOST_CHARACTERS])).strip()


def _object(answer: Answer) -> Mapping[str, Any]:
    payload = answer.json()
    if not isinstance(payload, Mapping):
        raise Temporary(answer.vendor, UNREADABLE, status=answer.status)
    return payload


def _segments(rows: list[Any]) -> Iterator[Segment]:
    """Yield those that say something, in the order of their times, as long as there is room."""
    left = MOST_CHARACTERS
    known = [row for row in rows[:MOST_SEGMENTS] if isinstance(row, Mapping)]
    for row in sorted(known, key=lambda row: _seconds(row.get("start"))):
        text = tidy(row.get("text"))[: min(MOST_IN_A_SEGMENT, left)]
        if text:
            left -= len(text)
            yield {"speaker": "", "at": _seconds(row.get("start")), "text": text}


def _cut(text: str) -> list[str]:
    return [
        text[start : start + MOST_IN_A_SEGMENT] for start in range(0, len(text), MOST_IN_A_SEGMENT)
    ]


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if not math.isfinite(value):
        return 0
    return round(min(max(value, 0), MAX_SECONDS), 2)


def _language(value: Any) -> str:
    name = tidy(value).lower()
    if len(name) > 20:
        return ""
    return CODES.get(name, name)
