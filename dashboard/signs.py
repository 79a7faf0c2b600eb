"""Small signs that stand in rows by the dozen: states, outcomes, people, sources, squares.
No template writes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.words import times
from core.words.icons import icon
from core.words.markup import markup
from core.words.states import LOOKS, Look, look

Words = str | Promise
TINTS: Final = 6
# A word that somebody else wrote is shown so far.
LONGEST_OUTCOME: Final = 40
# The house's own looks, by what they are: their signs are written once for each language,
# and no word of a person's.
OWN: Final = {id(known): name for name, known in LOOKS.items()}


@dataclass(frozen=True)
class Square:
    """One of a strip: what it says, how it went ("" for nothing), and where it leads."""

    text: Words
    tone: str = ""
    href: str = ""


def pill(text: Any, tone: str = "calm", picture: str = "", *, running: bool = False) -> SafeString:
    """Write a state or a label in its box."""
    marks, drawn = " badge-plain", ""
    if picture:
        marks, drawn = "", icon(picture)
    if running:
        marks += " badge-running"
    return markup('<span class="badge tone-{}{}">{}{}</span>', tone, marks, drawn, text)


def _look_of(state: str | Look) -> Look:
    if isinstance(state, Look):
        return state
    return look(state)


def status(state: str | Look, text: Words = "", *, quiet: bool = False) -> SafeString:
    """Write how something is: icon, word and colour from one list. `quiet`: without a box,
    where many stand in rows.
    """
    shown = _look_of(state)
    name = OWN.get(id(shown))
    running = state == "running"
    if name is None or text:
        return _status(shown, text or shown.word, quiet=quiet, running=running)
    return _own_status(name, quiet, running, get_language())


@lru_cache(maxsize=2000)
def _own_status(name: str, quiet: bool, running: bool, _language: str | None) -> SafeString:
    shown = LOOKS[name]
    return _status(shown, shown.word, quiet=quiet, running=running)


def _status(shown: Look, words: Words, *, quiet: bool, running: bool) -> SafeString:
    if quiet:
        picture = ""
        if shown.icon:
            picture = icon(shown.icon)
        return markup(
            '<span class="state tone-{}">{}<span>{}</span></span>', shown.tone, picture, words
        )
    return pill(words, shown.tone, shown.icon, running=running)


def mark(state: str | Look) -> SafeString:
    """Write what repeats on every row as its picture alone, with its word for who points
    at it or listens.
    """
    shown = _look_of(state)
    name = OWN.get(id(shown))
    if name is None:
        return _mark(shown)
    return _own_mark(name, get_language())


@lru_cache(maxsize=1000)
def _own_mark(name: str, _language: str | None) -> SafeString:
    return _mark(LOOKS[name])


def _mark(shown: Look) -> SafeString:
    if not shown.icon:
        return markup("{}", shown.word)
    drawn = icon(shown.icon, label=shown.word)
    return markup('<span class="mark tone-{}" title="{}">{}</span>', shown.tone, shown.word, drawn)


def outcome(name: str) -> SafeString:
    """Write what came of a call: the usual outcomes in their colours,
    any other as it was written.
    """
    if not name:
        return SafeString("")
    known = LOOKS.get(f"outcome.{name.casefold()}")
    if known is None:
        if len(name) > LONGEST_OUTCOME:
            name = f"{name[: LONGEST_OUTCOME - 1]}…"
        return pill(name)
    return status(known)


def initials(name: str) -> str:
    """Return the two letters that stand for a name."""
    parts = [part for part in name.split() if part[0].isalnum()]
    letters = name[:2]
    if len(parts) > 1:
        letters = parts[0][0] + parts[-1][0]
    return letters.upper() or "?"


def avatar(name: str, *, large: bool = False) -> SafeString:
    """Write the initials of a person or organization in a tint of their own.
    The name itself stands beside it.
    """
    tint = crc32(name.casefold().encode()) % TINTS + 1
    size = ""
    if large:
        size = " avatar-l"
    return markup(
        '<span class="avatar{} tint-{}" aria-hidden="true">{}</span>', size, tint, initials(name)
    )


def person(name: str, href: str = "", *, none: Words = "") -> SafeString:
    """Write who somebody is: initials and name, a link where there is a page of theirs;
    `none` where nobody is.
    """
    if not name:
        if not none:
            return SafeString("")
        return markup('<span class="person-none">{}</span>', none)
    words = name
    if href:
        words = markup('<a href="{}">{}</a>', href, name)
    return markup(
        '<span class="person">{}<span class="person-name">{}</span></span>', avatar(name), words
    )


def source(name: str, *, word: bool = True) -> SafeString:
    """Write where something came from: the mark of its source, with the word or with it for
    who points at it.
    """
    shown = look(f"source.{name}")
    if not word:
        return mark(shown)
    return markup('<span class="source">{}<span>{}</span></span>', icon(shown.icon), shown.word)


def ago(when: datetime | None, *, none: Words = "–", focus: bool = False) -> SafeString:
    """Write "9 minutes ago", kept true while the page is open; the exact time on hover,
    and on focus if asked for.
    """
    if when is None:
        return markup("{}", none)
    stop = ""
    if focus:
        stop = SafeString(' tabindex="0"')
    return markup(
        '<time datetime="{}" title="{}" data-ago{}>{}</time>',
        when.isoformat(),
        times.exactly(when),
        stop,
        times.ago(when),
    )


def strip(label: Words, squares: Sequence[Square]) -> SafeString:
    """Write a square each for what came one after the other, such as the runs of a day;
    read aloud it is a list.
    """
    written = format_html_join(
        "", '<li class="strip-square{}" title="{}">{}</li>', map(_square, squares)
    )
    return markup('<ol class="strip" aria-label="{}">{}</ol>', label, written)


def _square(square: Square) -> tuple[str, Any, SafeString]:
    tone = ""
    if square.tone:
        tone = f" tone-{square.tone}"
    words = markup('<span class="visually-hidden">{}</span>', square.text)
    if square.href:
        words = markup('<a href="{}">{}</a>', square.href, words)
    return tone, square.text, words
