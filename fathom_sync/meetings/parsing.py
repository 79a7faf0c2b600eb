"""What one meeting of Fathom says, read leniently, and the call that comes of it.

Any field may be null, missing, new or of another type than documented: what cannot be understood is left out, and what
is left out says nothing, so that it erases nothing that is stored. Only a meeting without an id cannot become a call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError

from calls.incoming import CallData, Person, Segment, clean
from calls.models import Call
from crm import addresses
from fathom_sync.meetings.pages import Item, loosely

MOST_PEOPLE: Final = 1000
MOST_ITEMS: Final = 1000
# Facts about a meeting that have no column of their own, by the vendor's names.
KEPT: Final = (
    "meeting_title", "meeting_type", "meeting_url", "created_at", "calendar_invitees_domains_type", "shared_with",
    "recorded_by", "crm_matches", "highlights",
)  # fmt: skip
UNREADABLE: Final = "unreadable"
NO_ID: Final = "no_id"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting, as far as it is needed to say whose it is; `problem` when it cannot become a call at all."""

    item: Item
    said: Mapping[str, Any] = field(repr=False)
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
    """Never raises."""
    said = loosely(item.raw)
    if not isinstance(said, dict):
        return Meeting(item, {}, item.name, UNREADABLE)
    recorder = _mapping(said.get("recorded_by"))
    return Meeting(
        item=item,
        said=said,
        recording_id=item.name,
        problem="" if item.recording_id else NO_ID,
        recorder=address(recorder.get("email")),
        recorder_name=clean(_text(recorder.get("name")))[:200],
        team=clean(_text(recorder.get("team")))[:200],
        title=clean(_text(said.get("title")) or _text(said.get("meeting_title")))[:500],
        created_at=moment(said.get("created_at")),
        started_at=moment(said.get("recording_start_time")),
        ended_at=moment(said.get("recording_end_time")),
    )


def call(meeting: Meeting, organization_id: UUID, rep_id: UUID | None, as_of: datetime) -> CallData:
    """The call that the library stores. Without a rep the one that it has stays."""
    said = meeting.said
    told: CallData = {
        "organization_id": organization_id,
        "source": Call.Source.FATHOM.value,
        "external_id": meeting.recording_id,
        "title": meeting.title,
        "status": Call.Status.COMPLETED.value,
        "scheduled_start": moment(said.get("scheduled_start_time")),
        "scheduled_end": moment(said.get("scheduled_end_time")),
        "started_at": meeting.started_at,
        "ended_at": meeting.ended_at,
        "url": _text(said.get("url")),
        "share_url": _text(said.get("share_url")),
        "data": {name: said[name] for name in KEPT if said.get(name) is not None},
        "as_of": as_of,
        "participants": _participants(meeting),
    }
    if rep_id is not None:
        told["rep_id"] = rep_id
    _add_content(told, said)
    return told


def address(said: Any) -> str:
    """An e-mail address in the one spelling that addresses are compared in; '' when it is none."""
    return _normalized(said) if isinstance(said, str) else ""


# Few people record many meetings, and the rules of domain names are slow.
@lru_cache(maxsize=2048)
def _normalized(said: str) -> str:
    try:
        return addresses.normalize(said)
    except ValidationError:
        return ""


def moment(said: Any) -> datetime | None:
    """A point in time that both Python and PostgreSQL can hold, or None. Without a zone it is UTC, as documented."""
    if not isinstance(said, str) or len(said) > 40:
        return None
    try:
        read_as = datetime.fromisoformat(said.strip())
        when = read_as.replace(tzinfo=UTC) if read_as.tzinfo is None else read_as.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return when if 1900 <= when.year <= 9000 else None


def seconds(said: Any) -> float:
    """ "01:02:03" (or "02:03", or a number) as seconds from the start; 0 for anything else."""
    if isinstance(said, int | float) and not isinstance(said, bool):
        return said
    total = 0.0
    for part in said.split(":") if isinstance(said, str) and len(said) < 20 else ():
        try:
            total = total * 60 + float(part)
        except ValueError:
            return 0
    return max(total, 0)


def _add_content(told: CallData, said: Mapping[str, Any]) -> None:
    """What a listing holds only when asked for, and what is ready only later: told when there is something."""
    if language := _text(said.get("transcript_language")):
        told["language"] = language
    summary = said.get("default_summary")
    text = _text(summary.get("markdown_formatted") if isinstance(summary, dict) else summary)
    if text:
        told["summary"] = text
    if isinstance(said.get("action_items"), list):
        told["action_items"] = [_action(one) for one in _mappings(said["action_items"])[:MOST_ITEMS]]
    if segments := [_segment(one) for one in _mappings(said.get("transcript"))]:
        told["transcript"] = segments


def _participants(meeting: Meeting) -> list[Person]:
    """Whoever recorded it, and those invited; each once."""
    host = _text(_mapping(meeting.said.get("recorded_by")).get("email"))
    people: list[Person] = []
    if host or meeting.recorder_name:
        people.append({"display_name": meeting.recorder_name, "email": host, "is_host": True})
    seen = {host.casefold()} - {""}
    for one in _mappings(meeting.said.get("calendar_invitees"))[:MOST_PEOPLE]:
        email = _text(one.get("email"))
        name = _text(one.get("name")) or _text(one.get("matched_speaker_display_name"))
        if email.casefold() in seen or not (email or name):
            continue
        seen |= {email.casefold()} - {""}
        people.append({"display_name": name, "email": email, "is_external": one.get("is_external") is True})
    return people


def _action(said: Mapping[str, Any]) -> dict[str, Any]:
    """Fathom's has no id; what it says is what it is."""
    assignee = _mapping(said.get("assignee"))
    return {
        "description": _text(said.get("description")),
        "completed": said.get("completed") is True,
        "userGenerated": said.get("user_generated") is True,
        "at": seconds(said.get("recording_timestamp")),
        "url": _text(said.get("recording_playback_url")),
        "assignee": {name: _text(assignee.get(name)) for name in ("name", "email", "team") if assignee.get(name)},
    }


def _segment(said: Mapping[str, Any]) -> Segment:
    speaker = said.get("speaker")
    who = _mapping(speaker)
    segment: Segment = {
        "speaker": _text(who.get("display_name") if who else speaker),
        "at": seconds(said.get("timestamp")),
        "text": _text(said.get("text")),
    }
    if email := _text(who.get("matched_calendar_invitee_email")):
        segment["email"] = email
    return segment


def _text(said: Any) -> str:
    """Text, or a plain number as text; nothing else is one. The library cleans what becomes a call."""
    if isinstance(said, str):
        return said.strip()
    return str(said) if isinstance(said, int | float) and not isinstance(said, bool) else ""


def _mapping(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {}


def _mappings(said: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
