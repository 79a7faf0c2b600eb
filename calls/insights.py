"""How a conversation went, by the times of its transcript:
pure functions, and estimates all of them.

A transcript says when somebody begins to speak and not when they stop. So somebody is
taken to speak until the next one begins, but no longer than their words take slowly; what
is left is silence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from core.words.digits import is_number

# Slow speech: longer than so, a word takes nobody. Nobody says anything in less than two seconds.
SECONDS_A_WORD: Final = 0.8
LEAST_SECONDS: Final = 2.0
# Where it is not known how long a call was, its last words may take so long.
LAST_SECONDS: Final = 60.0
ASKS: Final = re.compile("[?？؟][?？؟!]*")


@dataclass(frozen=True, slots=True)
class Talk:
    """How long one person spoke, and their part of all that was spoken: 0 to 1."""

    speaker: str
    seconds: int
    share: float
    questions: int


@dataclass(frozen=True, slots=True)
class Monologue:
    """The longest stretch in which one person spoke and nobody else did."""

    speaker: str
    at: float
    seconds: int


@dataclass(frozen=True, slots=True)
class Insights:
    """What a transcript tells of a conversation. Without speakers there is neither
    talk nor monologue.
    """

    talk: tuple[Talk, ...]
    longest: Monologue | None
    questions: int


class _Speech(NamedTuple):
    """What was spoken between two times; made by the thousand, so a plain tuple."""

    speaker: str
    at: float
    seconds: float
    questions: int


def insights(
    segments: Sequence[Mapping[str, Any]], duration: float | None = None
) -> Insights | None:
    """Return what these segments tell; None where they have no times to tell it by."""
    spoken = _speeches(segments, duration)
    if len({speech.at for speech in spoken}) < 2:
        return None
    questions = sum(speech.questions for speech in spoken)
    if not all(speech.speaker for speech in spoken):
        return Insights((), None, questions)
    return Insights(_talk(spoken), _longest(spoken), questions)


def questions_in(text: str) -> int:
    """Count the questions of a text: stretches that end in a question mark,
    several marks being one.
    """
    return len(ASKS.findall(text))


def _speeches(segments: Sequence[Mapping[str, Any]], duration: float | None) -> list[_Speech]:
    """Return who spoke when for how long, in order of time."""
    known = []
    for segment in segments:
        text = str(segment.get("text") or "")
        if text.strip():
            known.append(
                (_seconds(segment.get("at")), str(segment.get("speaker") or "").strip(), text)
            )
    known.sort(key=lambda speech: speech[0])
    ends = [at for at, _speaker, _text in known[1:]]
    if known:
        last = known[-1][0]
        ends.append(max(duration or last + LAST_SECONDS, last))
    found = []
    for (at, speaker, text), end in zip(known, ends, strict=True):
        slowly = max(LEAST_SECONDS, len(text.split()) * SECONDS_A_WORD)
        found.append(_Speech(speaker, at, min(max(end - at, 0.0), slowly), questions_in(text)))
    return found


def _talk(spoken: Sequence[_Speech]) -> tuple[Talk, ...]:
    seconds: dict[str, float] = {}
    questions: dict[str, int] = {}
    for speech in spoken:
        seconds[speech.speaker] = seconds.get(speech.speaker, 0.0) + speech.seconds
        questions[speech.speaker] = questions.get(speech.speaker, 0) + speech.questions
    total = sum(seconds.values())
    if not total:
        return ()
    most_first = sorted(seconds.items(), key=lambda row: (-row[1], row[0]))
    return tuple(
        Talk(speaker, round(spent), round(spent / total, 3), questions[speaker])
        for speaker, spent in most_first
    )


def _longest(spoken: Sequence[_Speech]) -> Monologue | None:
    """Return the stretch of one speaker with the most speech in it; of two as long the earlier."""
    longest: Monologue | None = None
    for speaker, group in groupby(spoken, key=lambda speech: speech.speaker):
        stretch = list(group)
        seconds = round(sum(speech.seconds for speech in stretch))
        longest_yet = longest.seconds if longest else 0
        if seconds > longest_yet:
            longest = Monologue(speaker, stretch[0].at, seconds)
    return longest


def _seconds(value: Any) -> float:
    if is_number(value):
        return max(float(value), 0.0)
    return 0.0
