"""How far a call is, from what is known of its room: a pure function of facts,
so that their order makes no difference.

The facts are sessions of the room (keyed on the room's sid) and stays of people in them (keyed on
the participant's sid). LiveKit tells them by webhooks that come late, twice, crossed or never, and
on request (`calls.reconcile`).

    PENDING    nobody was in yet, and the door is not shut for good
    ONGOING    somebody is in
    COMPLETED  everybody has left, or their session is over; or nobody came while the door was open

The end is the last leaving. Where LiveKit told no leaving (its webhooks were lost), people are
known to have been in until they were last seen, and the call is taken to have gone on for as long
as a recorder was in. A recorder stays until the room is shut: with the last of them where somebody
ends the call for all, else twenty seconds later.

So COMPLETED goes back to ONGOING only when somebody is known to be in a session that is not over:
they came back before the room closed, or opened it anew. Nothing late about a session that is over
can do that.
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
    # These are the look that did not find it any more, and until when it was being recorded.
    missing_at: datetime | None = None
    recorded_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in a session. `left_by` says how `left_at` is known:
    by LiveKit's event, or by a look at who is in the room.
    """

    session_sid: str
    joined_at: datetime
    seen_at: datetime | None = None
    left_at: datetime | None = None
    left_by: str = ""
    # This is the look that did not find them any more.
    missing_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """When a stay ended, and how that is known; no time while it lasts.
    `latest`: it may have been as late as that.
    """

    at: datetime | None = None
    by: str = ""
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A call as its facts make it."""

    status: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: int | None = None


def leaving(stay: Stay, session: Session | None) -> Leaving:
    """Return when this stay ended: as LiveKit told; else when they were last seen, or with the
    session that they were in.
    """
    if stay.left_by in (TOLD, MISSED) and stay.left_at:
        left_at = max(stay.left_at, stay.joined_at)
        latest: datetime | None = left_at
        if stay.left_by == MISSED:
            latest = stay.missing_at
        return Leaving(left_at, stay.left_by, latest)
    if session is None or session.closed_at is None:
        return Leaving()
    if session.close_told:
        left_at = max(session.closed_at, stay.joined_at)
        return Leaving(left_at, WITH_ROOM, left_at)
    # That the room was not open any more proves no time: only that they had been in until they
    # were last seen.
    seen_at = stay.seen_at or stay.joined_at
    return Leaving(max(seen_at, stay.joined_at), WITH_ROOM, session.missing_at)


def live(stays: Iterable[Stay], sessions: Mapping[str, Session], *, door_shut: bool) -> Life:
    """Return the call that these people's stays make.

    `door_shut`: nobody can come any more, should nobody have come.
    """
    ended = [(stay, leaving(stay, sessions.get(stay.session_sid))) for stay in stays]
    if not ended:
        return _without_people(door_shut)
    started = min(stay.joined_at for stay, _left in ended)
    if any(left.at is None for _stay, left in ended):
        return Life(ONGOING, started)
    spans = _spans(ended, sessions)
    length = sum(seconds(first, last) for first, last in spans)
    return Life(COMPLETED, started, max(last for _first, last in spans), length)


def _without_people(door_shut: bool) -> Life:
    if door_shut:
        return Life(COMPLETED)
    return Life(PENDING)


def seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))


def _spans(
    ended: Iterable[tuple[Stay, Leaving]], sessions: Mapping[str, Session]
) -> list[tuple[datetime, datetime]]:
    """Return each session's span, from the first person in to the last one out.

    The time between two sessions is no part of a call.
    """
    of_session: dict[str, list[tuple[Stay, Leaving]]] = {}
    for stay, left in ended:
        of_session.setdefault(stay.session_sid, []).append((stay, left))
    return [
        (
            min(stay.joined_at for stay, _left in stays),
            _last_out([left for _stay, left in stays], sessions.get(sid)),
        )
        for sid, stays in of_session.items()
    ]


def _last_out(leavings: list[Leaving], session: Session | None) -> datetime:
    """Return when the last of them left, as LiveKit told or as they were seen.

    Where somebody may have been in until the recorder left, return when that was.
    """
    last = max(left.at for left in leavings if left.at)
    if session is None or session.recorded_until is None:
        return last
    for left in leavings:
        until = session.recorded_until
        if left.latest:
            # Nobody can have left after the look that did not find them.
            until = min(until, left.latest)
        last = max(last, until)
    return last
