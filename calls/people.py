"""Who was in a call, each once: the stays of one person, and their devices, are taken together."""

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from calls.life import seconds
from calls.models import Call, CallParticipant


def with_stays() -> "Prefetch[Any, Any, Any]":
    """Read the stays of many calls in one query, for `people_of`."""
    stays = CallParticipant.objects.defer("sid", "session_sid", "left_by", "seen_at", "missing_at")
    return Prefetch("participants", stays, to_attr="stays")


def people_of(call: Call) -> list[CallParticipant]:
    """Return one row, not to be saved, for each who was in it: from their first coming to their last leaving."""
    stays: Iterable[CallParticipant] = call.stays if hasattr(call, "stays") else call.participants.all()
    by_person: dict[str, list[CallParticipant]] = {}
    for row in stays:
        if was_in(row):
            by_person.setdefault(str(row.user_id or row.identity or row.pk), []).append(row)
    return [_together(rows) for rows in by_person.values()]


def was_in(row: CallParticipant) -> bool:
    """A recorder is nobody, and who got a seat in a room and never took it was not there."""
    is_seat = bool(row.identity) and row.joined_at is None
    return row.kind != CallParticipant.Kind.RECORDER and not is_seat


def _together(rows: list[CallParticipant]) -> CallParticipant:
    """All stays as one. While one of them lasts, they have not left; two devices at once are not twice the time."""
    if len(rows) == 1:
        return rows[0]
    whole = copy.copy(rows[0])
    whole.joined_at = min((row.joined_at for row in rows if row.joined_at), default=None)
    left = [row.left_at for row in rows]
    has_left = all(left)
    whole.left_at = max(filter(None, left), default=None) if has_left else None
    whole.total_seconds = _covered((row.joined_at, row.left_at) for row in rows) if has_left else None
    return whole


def _covered(stays: Iterable[tuple[datetime | None, datetime | None]]) -> int:
    total, until = 0, None
    for start, end in sorted((start, end) for start, end in stays if start and end):
        begins = start if until is None else max(start, until)
        total += seconds(begins, end)
        until = end if until is None else max(until, end)
    return total
