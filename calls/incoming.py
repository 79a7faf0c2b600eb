"""What a source says of a call, made fit to store: every value within its limits,
and a hash of the whole.

A key that is not there says nothing, and what is stored stays. One odd value never costs the call:
what cannot be kept is cut or left out, and only a call that cannot be named (no id, no
appointment) is refused.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Required, TypedDict
from uuid import UUID

import orjson

from calls.models import Call
from crm import addresses

MAX_SECONDS: Final = 2**31 - 1
# A summary is shown whole on the page of a call, and what is longer is no summary.
MOST_SUMMARY: Final = 64 * 1024
# Each name maps to the most characters of its text. A cut text still serves; a cut address of a
# page does not.
TEXTS: Final[Mapping[str, int]] = {
    "title": 500,
    "summary": MOST_SUMMARY,
    "outcome": 100,
    "language": 20,
}
LINKS: Final[Mapping[str, int]] = {"url": 2000, "share_url": 2000}
MOMENTS: Final = ("scheduled_start", "scheduled_end", "started_at", "ended_at", "as_of")
IDS: Final = ("organization_id", "appointment_id", "lead_id", "rep_id")
# The words of a call are made from these.
SEARCHED: Final = frozenset({"title", "summary", "transcript"})


class Person(TypedDict, total=False):
    """One who took part."""

    display_name: str
    email: str
    user_id: UUID | None
    is_host: bool
    is_external: bool


class Segment(TypedDict, total=False):
    """One stretch of speech; `at` in seconds from the start."""

    speaker: str
    email: str
    at: float
    text: str


class CallData(TypedDict, total=False):
    """One call as its source tells it. Named by `external_id`, or by its appointment."""

    organization_id: Required[UUID]
    source: Required[str]
    external_id: str
    appointment_id: UUID | None
    lead_id: UUID | None
    rep_id: UUID | None
    title: str
    status: str
    scheduled_start: datetime | None
    scheduled_end: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None
    summary: str
    action_items: Sequence[Any]
    outcome: str
    language: str
    url: str
    share_url: str
    data: Mapping[str, Any]
    room_name: str
    # This is when the source spoke (a vendor's time of change, or the moment of fetching). What is
    # older never replaces what is newer.
    as_of: datetime | None
    participants: Sequence[Person]
    transcript: Sequence[Segment]


Row = dict[str, Any]
Key = tuple[str, str, str]


def key_of(row: Mapping[str, Any]) -> Key:
    """Return by what the stored call is found; raise ValueError for a call without a name.

    A source's id is an organization's: what one organization's account says of it changes nothing
    of another's.
    """
    if row.get("external_id"):
        return str(row["source"]), str(row["external_id"]), str(row["organization_id"])
    if row.get("appointment_id"):
        return "appointment", str(row["appointment_id"]), ""
    raise ValueError("A call is named by its external_id or by its appointment")


def read(data: CallData) -> Row:
    """Return the row as JSON can carry it to the database, with `content_hash` over everything but
    `as_of`.
    """
    row: Row = {name: _plain(name, value) for name, value in data.items()}
    if len(row.get("external_id", "")) > 200:
        raise ValueError("An external_id has 200 characters at most")
    _mend_times(row)
    key_of(row)
    told_values = {name: value for name, value in row.items() if name != "as_of"}
    digest = hashlib.blake2b(orjson.dumps(told_values, option=orjson.OPT_SORT_KEYS), digest_size=32)
    row["content_hash"] = digest.digest()
    return row


def text_of(segments: Sequence[Mapping[str, Any]]) -> str:
    """Write a transcript as plain text: who, and what they said."""
    return "\n".join(
        f"{part['speaker']}: {part['text']}" if part["speaker"] else part["text"]
        for part in segments
    )


def _plain(name: str, value: Any) -> Any:
    if name in TEXTS:
        return clean(value)[: TEXTS[name]]
    if name in LINKS:
        return _link(clean(value), LINKS[name])
    if name == "participants":
        return [_person(person) for person in value]
    if name == "transcript":
        return [_segment(segment) for segment in value]
    if value is None:
        return None
    if name in MOMENTS:
        return value.astimezone(UTC).isoformat()
    if name in IDS:
        return str(value)
    if name == "duration_seconds":
        return int(value) if 0 <= value <= MAX_SECONDS else None
    if _is_tidy(value):
        return value
    return _tidy(value)


def _link(link: str, longest: int) -> str:
    if len(link) <= longest and link.startswith(("https://", "http://")):
        return link
    return ""


def _person(person: Person) -> Row:
    email = clean(person.get("email"))
    if len(email) > addresses.MAX_LENGTH:
        email = ""
    user = person.get("user_id")
    return {
        "display_name": clean(person.get("display_name"))[:200],
        "email": email,
        "user_id": None if user is None else str(user),
        "is_host": bool(person.get("is_host")),
        "is_external": bool(person.get("is_external")),
    }


def _segment(segment: Segment) -> Row:
    row: Row = {"speaker": clean(segment.get("speaker"))[:200], "text": clean(segment.get("text"))}
    if segment.get("email"):
        row["email"] = clean(segment["email"])
    at = segment.get("at")
    if not isinstance(at, int | float) or not 0 <= at <= MAX_SECONDS:
        at = 0
    row["at"] = at
    return row


def _mend_times(row: Row) -> None:
    """Drop an end that is before the start, and let the length follow from the two."""
    if not (row.get("started_at") and row.get("ended_at")):
        return
    took = datetime.fromisoformat(row["ended_at"]) - datetime.fromisoformat(row["started_at"])
    if took.total_seconds() < 0:
        row["ended_at"] = None
    elif row.get("duration_seconds") is None:
        row["duration_seconds"] = min(int(took.total_seconds()), MAX_SECONDS)


def clean(text: Any) -> str:
    """Return text that PostgreSQL can hold: no NUL, no half of a surrogate pair."""
    # Nearly every text is of this kind, and a call has dozens.
    if type(text) is str and text.isascii() and "\x00" not in text:
        return text
    if not text:
        return ""
    cleaned = text if isinstance(text, str) else str(text)
    if "\x00" in cleaned:
        cleaned = cleaned.replace("\x00", "")
    if cleaned.isascii():
        return cleaned
    try:
        cleaned.encode()
    except UnicodeEncodeError:
        return cleaned.encode("utf-8", "replace").decode("utf-8")
    return cleaned


def _is_tidy(value: Any) -> bool:
    """Tell whether `_tidy` would leave it as it is, by writing it once.

    Writing refuses half a surrogate pair, a long integer and a name that is no text; and a NUL
    shows.
    """
    try:
        return b"\\u0000" not in orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except (TypeError, RecursionError):
        return False


def _tidy(value: Any) -> Any:
    """Return a vendor's JSON with all its texts cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(name): _tidy(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(part) for part in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def defaults() -> Row:
    """Return the columns that a source may speak of, as they are when it says nothing."""
    return {
        **dict.fromkeys([*TEXTS, *LINKS, "external_id", "room_name"], ""),
        **dict.fromkeys([*MOMENTS, *IDS, "duration_seconds", "content_hash"]),
        "source": Call.Source.NATIVE.value,
        "status": Call.Status.PENDING.value,
        "action_items": [],
        "data": {},
    }
