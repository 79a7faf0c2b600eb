"""A page of meetings, cut into its meetings before anything in them is understood.

One meeting that cannot be read must not cost the nine beside it. So a page is first read as a
whole, which is quick; where that fails (half a surrogate pair, NaN, bytes that are not UTF-8), its
meetings are found by their brackets alone and each is left to be read, or refused, by itself. What
a meeting was is remembered as a hash of its bytes.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from core.errors import UNREADABLE, Temporary
from core.http import lenient
from core.words.digits import are_digits, is_whole

VENDOR: Final = "fathom"
# A string, a number (as a cursor may be), or what opens, closes and separates;
# everything else is passed over.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[0-9]++|[\[\]{},]', re.DOTALL)
_OPENS: Final = (b"[", b"{")
_CLOSES: Final = (b"]", b"}")
_NEXT: Final = b'"next_cursor"'
_ITEMS: Final = b'"items"'
_MOST_DIGITS: Final = 40
# What a meeting without an id is known by: the first of these of which anything is there.
# Its address is not edited.
_LASTING: Final = (
    ("url",),
    ("share_url",),
    ("created_at", "recording_start_time", "title", "recorded_by"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One meeting as it came: its bytes, their hash, and what was seen of it in passing
    ('' when it was not).
    """

    raw: bytes = field(repr=False)
    digest: bytes
    recording_id: str = ""
    made: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Return its id; without one "?" and a hash of what stays the same,
        however the meeting is asked for.

        So it is kept and counted once. What is no meeting at all is known by its bytes.
        """
        return self.recording_id or f"?{_digest(_lasting(loosely(self.raw)) or self.raw).hex()}"


@dataclass(frozen=True, slots=True)
class Page:
    """The meetings of one answer, and where the next one begins (None at the end)."""

    items: list[Item]
    next_cursor: str | None = None


def read(body: bytes) -> Page:
    """Return the page in these bytes; raise Temporary when they are no list of meetings at all.

    A value nested too deeply is read but not written again by orjson:
    that page, too, is cut by its brackets.
    """
    try:
        payload = orjson.loads(body)
        items = None
        if isinstance(payload, dict):
            items = payload.get("items")
        if not isinstance(items, list):
            raise Temporary(VENDOR, UNREADABLE)
        return Page([_item(meeting) for meeting in items], _cursor(payload.get("next_cursor")))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _by_brackets(body)


def item(raw: bytes) -> Item:
    """Return one meeting that came by itself.

    The same meeting in a list has the same hash, however its JSON was spaced.
    """
    try:
        return _item(orjson.loads(raw))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _seen(raw, loosely(raw))


def loosely(raw: bytes) -> Any:
    """Return what these bytes say, with what JSON does not allow replaced;
    None when they say nothing.
    """
    try:
        return lenient.loads(raw, odd_numbers=True)
    except ValueError:
        return None


def name_of(value: Any) -> str:
    """Return a meeting's id as we keep it: the digits of a whole number, or ''.

    A number too long for JSON's readers arrives rounded, as a float:
    two meetings would become one, so it is no id.
    """
    if is_whole(value) and value > 0:
        digits = str(value)
    elif isinstance(value, str):
        digits = value.strip()
    else:
        return ""
    if are_digits(digits, _MOST_DIGITS):
        return digits
    return ""


def _item(meeting: Any) -> Item:
    return _seen(orjson.dumps(meeting), meeting)


def _seen(raw: bytes, meeting: Any) -> Item:
    if not isinstance(meeting, dict):
        return Item(raw, _digest(raw))
    made = meeting.get("created_at")
    if not isinstance(made, str):
        made = ""
    return Item(raw, _digest(raw), name_of(meeting.get("recording_id")), made)


def _lasting(meeting: Any) -> bytes:
    """Return what lists with and without transcripts say alike of a meeting;
    nothing where they say nothing of it.
    """
    if not isinstance(meeting, dict):
        return b""
    for names in _LASTING:
        values = [meeting.get(name) for name in names]
        if any(values):
            return repr(values).encode("utf-8", "replace")
    return b""


def _digest(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=16).digest()


def _cursor(value: Any) -> str | None:
    """Return where the next page begins; a number is taken as its digits."""
    if is_whole(value):
        return str(value)
    if isinstance(value, str):
        return value.strip() or None
    return None


def _by_brackets(body: bytes) -> Page:
    """Find the meetings by where their brackets stand: values in the list "items" of the object
    that the body is.
    """
    items: list[Item] | None = None
    cursor, name, begins, depth = b"", b"", 0, 0
    for token in _TOKEN.finditer(body):
        kind = token.group()
        if kind in _OPENS:
            depth += 1
            is_list = depth == 2 and kind == b"["
            if is_list and name == _ITEMS and items is None:
                items, begins = [], token.end()
        elif kind in _CLOSES or kind == b",":
            is_in_list = depth == 2 and name == _ITEMS
            if is_in_list and items is not None:
                items += [item(raw) for raw in [body[begins : token.start()].strip()] if raw]
                begins = token.end()
            depth -= kind in _CLOSES
            if depth == 1:
                name = b""
        elif depth == 1:
            if name == _NEXT:
                cursor = kind
            name = name or kind
    if items is None:
        raise Temporary(VENDOR, UNREADABLE)
    return Page(items, _cursor(loosely(cursor)))
