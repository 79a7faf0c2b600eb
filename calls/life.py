"""How far a call is, from what is known of its room: a pure function of facts, so that their order makes no difference.

The facts are sessions of the room (keyed on the room's sid) and stays of people in them (keyed on the participant's
sid). LiveKit tells them by webhooks that come late, twice, crossed or never, and on request (`calls.reconcile`).

    PENDING    nobody was in yet, and the door is not shut for good
    ONGOING    somebody is in
    COMPLETED  everybody has left, or their session is over; or nobody came while the door was open

So COMPLETED goes back to ONGOING only when somebody is known to be in a session that is not over: they came back
before the room closed, or opened it anew. Nothing late about a session that is over can do that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

PENDING: Final = "PENDING"
ONGOING: Final = "ONGOING"
COMPLETED: Final = "COMPLETED"

TOLD: Final = "told"
MISSED: Final = "missed"
WITH_ROOM: Final = "room"


@dataclass(frozen=True, slots=True)
class Session:
    """One session of the room."""

    sid: str
    closed_at: datetime | None = None
    close_told: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in a session. `left_by` says how `left_at` is known: told, or missed when LiveKit was asked."""

    session_sid: str
    joined_at: datetime
    seen_at: datetime | None = None
    left_at: datetime | None = None
    left_by: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """When a stay ended, and how that is known; no time while it lasts."""

    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """A call as its facts make it."""

    status: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: int | None = None


def leaving(stay: Stay, session: Session | None) -> Leaving:
    """When this stay ended: as told; else when they were last seen, or with the session that they were in."""
    if stay.left_by in (TOLD, MISSED) and stay.left_at:
        return Leaving(max(stay.left_at, stay.joined_at), stay.left_by)
    if session is None or session.closed_at is None:
        return Leaving()
    # That the room was not there any more proves no time: only that they had been in until they were last seen.
    at = session.closed_at if session.close_told else stay.seen_at or stay.joined_at
    return Leaving(max(at, stay.joined_at), WITH_ROOM)


def live(stays: Iterable[Stay], sessions: Mapping[str, Session], *, door_shut: bool) -> Life:
    """The call that these people's stays make. `door_shut`: nobody can come any more, should nobody have come."""
    ended = [(stay, leaving(stay, sessions.get(stay.session_sid))) for stay in stays]
    if not ended:
        return Life(COMPLETED if door_shut else PENDING)
    started = min(stay.joined_at for stay, _left in ended)
    if any(left.at is None for _stay, left in ended):
        return Life(ONGOING, started)
    last = max(left.at for _stay, left in ended if left.at)
    return Life(COMPLETED, started, last, _length(ended))


def seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))


def _length(ended: Iterable[tuple[Stay, Leaving]]) -> int:
    """From the first one in to the last one out, of each session: the time between two sessions is no part of it."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    for stay, left in ended:
        until = left.at or stay.joined_at
        first, last = spans.get(stay.session_sid, (stay.joined_at, until))
        spans[stay.session_sid] = (min(first, stay.joined_at), max(last, until))
    return sum(seconds(first, last) for first, last in spans.values())
