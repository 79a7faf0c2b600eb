"""What one meeting of Fathom says, read leniently, and the call that comes of it.

Any field may be null, missing, new or of another type than documented: what cannot be understood is
left out, and what is left out says nothing, so that it erases nothing that is stored. Only a
meeting without an id cannot become a call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError

from calls.incoming import CallData, Person, Segment, clean
from calls.models import Call
from core.words import moments
from crm import addresses
from fathom_sync.meetings.pages import Item, loosely

MOST_PEOPLE: Final = 1000
MOST_ITEMS: Final = 1000
# Facts about a meeting that have no column of their own, by the vendor's names.
KEPT: Final = (
    "meeting_title", "meeting_type", "meeting_url", "created_at", "calendar_invitees_domains_type",
    "shared_with", "recorded_by", "crm_matches", "highlights",
)  # fmt: skip
UNREADABLE: Final = "unreadable"
NO_ID: Final = "no_id"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting, as far as it is needed to say whose it is;
    `problem` when it cannot become a call at all.
    """

    item: Item
    payload: Mapping[str, Any] = field(repr=False)
    recording_id: str
    problem: str = ""
    recorder: str = ""
    recorder_name: str = ""
    team: str = ""
    title: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


def read(item: Item) -> Meeting:
    """Read what one meeting says; never raise."""
    payload = loosely(item.raw)
    if not isinstance(payload, dict):
        return Meeting(item, {}, item.name, UNREADABLE)
    recorder = _mapping(payload.get("recorded_by"))
    return Meeting(
        item=item,
        payload=payload,
        recording_id=item.name,
        problem="" if item.recording_id else NO_ID,
        recorder=address(recorder.get("email")),
        recorder_name=clean(_text(recorder.get("name")))[:200],
        team=clean(_text(recorder.get("team")))[:200],
        title=clean(_text(payload.get("title")) or _text(payload.get("meeting_title")))[:500],
        created_at=moments.read(payload.get("created_at")),
        started_at=moments.read(payload.get("recording_start_time")),
        ended_at=moments.read(payload.get("recording_end_time")),
    )


def call(meeting: Meeting, organization_id: UUID, rep_id: UUID | None, as_of: datetime) -> CallData:
    """Return the call that the library stores. Without a rep the call keeps the one that it has."""
    payload = meeting.payload
    data: CallData = {
        "organization_id": organization_id,
        "source": Call.Source.FATHOM.value,
        "external_id": meeting.recording_id,
        "title": meeting.title,
        "status": Call.Status.COMPLETED.value,
        "scheduled_start": moments.read(payload.get("scheduled_start_time")),
        "scheduled_end": moments.read(payload.get("scheduled_end_time")),
        "started_at": meeting.started_at,
        "ended_at": meeting.ended_at,
        "url": _text(payload.get("url")),
        "share_url": _text(payload.get("share_url")),
        "data": {name: payload[name] for name in KEPT if payload.get(name) is not None},
        "as_of": as_of,
        "participants": _participants(meeting),
    }
    if rep_id is not None:
        data["rep_id"] = rep_id
    _add_content(data, payload)
    return data


def address(value: Any) -> str:
    """Return an e-mail address in the one spelling that addresses are compared in;
    '' when it is none.
    """
    if not isinstance(value, str):
        return ""
    return _normalized(value)


# Few people record many meetings, and the rules of domain names are slow.
@lru_cache(maxsize=2048)
def _normalized(value: str) -> str:
    try:
        return addresses.normalize(value)
    except ValidationError:
        return ""


def seconds(value: Any) -> float:
    """Return "01:02:03" (or "02:03", or a number) as seconds from the start;
    0 for anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    total = 0.0
    for part in value.split(":") if isinstance(value, str) and len(value) < 20 else ():
        try:
            total = total * 60 + float(part)
        except ValueError:
            return 0
    return max(total, 0)


def _add_content(data: CallData, payload: Mapping[str, Any]) -> None:
    """Add what a listing holds only when asked for, and what is ready only later,
    where there is something.
    """
    if language := _text(payload.get("transcript_language")):
        data["language"] = language
    summary = payload.get("default_summary")
    if isinstance(summary, dict):
        summary = summary.get("markdown_formatted")
    if text := _text(summary):
        data["summary"] = text
    if isinstance(payload.get("action_items"), list):
        data["action_items"] = [
            _action(element) for element in _mappings(payload["action_items"])[:MOST_ITEMS]
        ]
    if segments := [_segment(element) for element in _mappings(payload.get("transcript"))]:
        data["transcript"] = segments


def _participants(meeting: Meeting) -> list[Person]:
    """Return whoever recorded it, and those invited; each once."""
    host = _text(_mapping(meeting.payload.get("recorded_by")).get("email"))
    people: list[Person] = []
    if host or meeting.recorder_name:
        people.append({"display_name": meeting.recorder_name, "email": host, "is_host": True})
    seen = {host.casefold()} - {""}
    for invitee in _mappings(meeting.payload.get("calendar_invitees"))[:MOST_PEOPLE]:
        email = _text(invitee.get("email"))
        name = _text(invitee.get("name")) or _text(invitee.get("matched_speaker_display_name"))
        if not email and not name:
            continue
        if email.casefold() in seen:
            continue
        seen |= {email.casefold()} - {""}
        people.append(
            {
                "display_name": name,
                "email": email,
                "is_external": invitee.get("is_external") is True,
            }
        )
    return people


def _action(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action item; Fathom's has no id, so what it says is what it is."""
    assignee = _mapping(item.get("assignee"))
    return {
        "description": _text(item.get("description")),
        "completed": item.get("completed") is True,
        "userGenerated": item.get("user_generated") is True,
        "at": seconds(item.get("recording_timestamp")),
        "url": _text(item.get("recording_playback_url")),
        "assignee": {
            name: _text(assignee.get(name))
            for name in ("name", "email", "team")
            if assignee.get(name)
        },
    }


def _segment(line: Mapping[str, Any]) -> Segment:
    speaker = line.get("speaker")
    who = _mapping(speaker)
    if who:
        speaker = who.get("display_name")
    segment: Segment = {
        "speaker": _text(speaker),
        "at": seconds(line.get("timestamp")),
        "text": _text(line.get("text")),
    }
    if email := _text(who.get("matched_calendar_invitee_email")):
        segment["email"] = email
    return segment


def _text(value: Any) -> str:
    """Return text, or a plain number as text; '' for anything else.
    The library cleans what becomes a call.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        return {}
    return value


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    return [element for element in value if isinstance(element, dict)]
