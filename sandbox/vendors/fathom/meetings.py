"""One meeting as the API gives it: made from its number alone,
so that it is the same at every start.
"""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.vendors.fathom import words
from sandbox.vendors.fathom.cast import Customer, Recorder, mixed

PARTS: Final = ("transcript", "default_summary", "action_items", "crm_matches", "highlights")
# How a request names them.
ASKED: Final = {
    "include_transcript": "transcript",
    "include_summary": "default_summary",
    "include_action_items": "action_items",
    "include_crm_matches": "crm_matches",
    "include_highlights": "highlights",
}
MEETING_TYPES: Final = ("Discovery", "Demo", "Negotiation")
_SHARED: Final = ("no_teams", "single_team", "multiple_teams", "all_teams")
_SITE: Final = "https://fathom.example"


def compose(
    seed: int, number: int, created: int, people: tuple[Recorder, Customer | None], size: int
) -> Any:
    """Compose the whole meeting, every part in it.

    `size` is about how many bytes, by a longer transcript (0: a short transcript).
    """
    recorder, customer = people
    dice = random.Random(f"{seed}/{number}")
    language = dice.choice(words.LANGUAGES)
    minutes = dice.choice((12, 18, 25, 31, 44, 58))
    ended = datetime.fromtimestamp(created, UTC) - timedelta(minutes=dice.randint(1, 4))
    began = ended - timedelta(minutes=minutes)
    planned = began.replace(minute=began.minute - began.minute % 15, second=0)
    title = words.title(dice, language, customer.company if customer else None)
    recording = recording_id(number)
    meeting: dict[str, Any] = {
        "title": title,
        "meeting_title": title,
        "meeting_type": dice.choice((*MEETING_TYPES, None)),
        "recording_id": recording,
        "url": f"{_SITE}/calls/{mixed('url', number)}",
        "share_url": f"{_SITE}/share/{mixed('share', number):08x}{mixed('link', number):08x}",
        "meeting_url": f"https://meet.example/{mixed('room', number):08x}",
        "created_at": stamp(created),
        "scheduled_start_time": stamp(planned),
        "scheduled_end_time": stamp(planned + timedelta(minutes=30 if minutes < 31 else 60)),
        "recording_start_time": stamp(began),
        "recording_end_time": stamp(ended),
        "calendar_invitees_domains_type": "one_or_more_external" if customer else "only_internal",
        "shared_with": dice.choice(_SHARED),
        "transcript_language": language,
        "calendar_invitees": _invitees(recorder, customer),
        "recorded_by": {
            "name": recorder.name,
            "email": recorder.email,
            "email_domain": recorder.domain.lower(),
            "team": recorder.team,
        },
        "default_summary": {
            "template_name": "general",
            "markdown_formatted": words.summary(dice, customer.name if customer else recorder.name),
        },
        "action_items": _items(dice, recorder, recording),
    }
    # What a list is usually asked for decides the size; the two last parts come on top.
    room = size - len(json.dumps(meeting, ensure_ascii=False).encode()) if size else 0
    return meeting | {
        "transcript": _transcript(dice, recorder, customer, language, room, long=size > 0),
        "highlights": [
            {
                "type": "Highlight",
                "summary": None,
                "start_time": 61.5,
                "end_time": 92,
                "text": dice.choice(words.ITEMS),
            }
        ],
        "crm_matches": _crm(dice, customer),
    }


def recording_id(number: int) -> int:
    return 100_000_000 + number


def stamp(moment: datetime | int) -> str:
    at = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _invitees(recorder: Recorder, customer: Customer | None) -> list[dict[str, Any]]:
    people = [(recorder, False)] + ([(customer, True)] if customer else [])
    return [
        {
            "name": who.name,
            "email": who.email,
            "email_domain": who.domain.lower(),
            "is_external": outside,
            "matched_speaker_display_name": who.name,
        }
        for who, outside in people
    ]


def _items(dice: random.Random, recorder: Recorder, recording: int) -> list[dict[str, Any]]:
    return [
        {
            "description": text,
            "user_generated": False,
            "completed": dice.random() < 0.3,
            "recording_timestamp": _clock(at),
            "recording_playback_url": f"{_SITE}/calls/{recording}?timestamp={at}",
            "assignee": {"name": recorder.name, "email": recorder.email, "team": recorder.team}
            if dice.random() < 0.6
            else {"name": None, "email": None, "team": None},
        }
        for text, at in (
            (text, dice.randint(30, 700)) for text in dice.sample(words.ITEMS, dice.randint(0, 2))
        )
    ]


def _crm(dice: random.Random, customer: Customer | None) -> dict[str, Any]:
    if customer is None:
        return {"error": "No CRM is connected"}
    record = f"https://crm.example/records/{mixed(customer.email)}"
    return {
        "contacts": [{"name": customer.name, "email": customer.email, "record_url": record}],
        "companies": [{"name": customer.company, "record_url": record}],
        "deals": [
            {"name": customer.company, "amount": dice.randint(1, 90) * 500, "record_url": record}
        ],
        "error": None,
    }


def _transcript(
    dice: random.Random,
    recorder: Recorder,
    customer: Customer | None,
    language: str,
    room: int,
    *,
    long: bool,
) -> list[dict[str, Any]]:
    """Compose a short talk; a `long` talk fills the bytes that are left, and has one sentence where
    none are.
    """
    sentences = words.filling(dice, room) if long else dice.sample(words.SAID[language], 5)
    segments: list[dict[str, Any]] = []
    for place, text in enumerate(sentences):
        speaker = customer if customer and place % 2 else recorder
        segments.append(
            {
                "speaker": {
                    "display_name": speaker.name,
                    "matched_calendar_invitee_email": speaker.email,
                },
                "text": text,
                "timestamp": _clock(6 + 11 * place),
            }
        )
        room -= len(json.dumps(segments[-1]))
        if long and room <= 0:
            break
    return segments


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
