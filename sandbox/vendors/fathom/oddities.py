"""What real data has and the vendor's schema does not: nulls, new names, missing fields,
and items that are none.

Each touches a share of the meetings, always the same ones for a seed.
"""

from collections.abc import Callable
from typing import Any, Final

from sandbox.vendors.fathom.cast import mixed

Meeting = dict[str, Any]


def nulled(meeting: Meeting, dice: int) -> Meeting:
    """Put nulls where the schema promises none: a call without a calendar event, without a summary
    yet, and so on.
    """
    kinds: tuple[tuple[str, ...], ...] = (
        ("scheduled_start_time", "scheduled_end_time", "meeting_title", "meeting_url"),
        ("recording_start_time", "recording_end_time"),
        (
            "scheduled_start_time",
            "scheduled_end_time",
            "recording_start_time",
            "recording_end_time",
        ),
        ("calendar_invitees", "transcript_language", "shared_with"),
        ("title",),
        ("default_summary", "transcript", "action_items"),
    )
    return meeting | dict.fromkeys(kinds[dice % len(kinds)])


def strange(meeting: Meeting, dice: int) -> Meeting:
    """Put in new fields, new values of enumerations, fields that are missing, nulls within the
    lists.
    """
    changed = dict(meeting)
    match dice % 5:
        case 0:
            changed |= {
                "sentiment": {"score": 0.4, "labels": ["warm"]},
                "id": "mtg_1",
                "version": 2,
            }
        case 1:
            changed |= {"shared_with": "whole_company", "calendar_invitees_domains_type": "unknown"}
        case 2:
            for name in (
                "meeting_type",
                "shared_with",
                "transcript_language",
                "share_url",
                "scheduled_end_time",
            ):
                del changed[name]
        case 3:
            changed["calendar_invitees"] = [
                {"name": None, "email": None, "email_domain": None, "is_external": True},
                {
                    "name": "Guest",
                    "email": "guest@",
                    "email_domain": "",
                    "is_external": True,
                    "role": "optional",
                },
            ]
        case _ if meeting.get("transcript"):
            changed["transcript"] = [
                {
                    "speaker": {"display_name": "Guest"},
                    "text": "Without a time.",
                    "timestamp": None,
                },
                {"speaker": None, "text": "Without a speaker.", "timestamp": "00:00:09"},
                {"speaker": {"display_name": "Guest"}, "text": None, "timestamp": "100:00:01"},
                *meeting["transcript"],
            ]
        case _:
            changed["sentiment"] = None
    return changed


def broken(meeting: Meeting, dice: int) -> Any:
    """Make an item that cannot become a call: without an id, without a recorder, of another type
    altogether.
    """
    without_id = {name: value for name, value in meeting.items() if name != "recording_id"}
    return (
        without_id,
        meeting | {"recorded_by": None},
        meeting | {"recording_id": None},
        meeting | {"created_at": "yesterday", "recording_start_time": 5, "recorded_by": "somebody"},
        meeting
        | {"recorded_by": {"name": "Nobody", "email": None, "email_domain": None, "team": None}},
    )[dice % 5]


KINDS: Final[dict[str, Callable[[Meeting, int], Any]]] = {
    "nulls": nulled,
    "strange": strange,
    "broken": broken,
}


def touched(kind: str, share: float, seed: int, number: int) -> bool:
    return share > 0 and mixed(kind, seed, number) % 10_000 < share * 10_000


def apply(meeting: Meeting, shares: dict[str, float], seed: int, number: int) -> Any:
    """Return the meeting with the oddities that are switched on; a broken meeting has no other."""
    found: Any = meeting
    for kind, change in KINDS.items():
        if touched(kind, shares[kind], seed, number):
            found = change(found, mixed("which", kind, number))
    return found
