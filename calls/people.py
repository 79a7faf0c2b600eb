"""Who was in a call, each once: the stays of one person, and their devices, are taken together."""

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from calls.life import seconds
from calls.models import Call, CallParticipant
from core.quick import attach

# What is asked of a stay where it is only shown.
SHOWN: Final = (
    *("call_id", "user_id", "kind", "member_role", "display_name", "email", "identity"),
    *("joined_at", "left_at", "total_seconds", "is_host", "is_guest", "is_external"),
)


def read_stays(calls: Iterable[Call]) -> None:
    """Read the stays of many calls in one query, for `people_of`."""
    attach(calls, CallParticipant.objects.only(*SHOWN), "call", "stays")


def people_of(call: Call) -> list[CallParticipant]:
    """Return one row, not to be saved, for each who was in it: from their first coming to their last leaving."""
    stays: Iterable[CallParticipant] | None = getattr(call, "stays", None)
    if stays is None:
        stays = call.participants.all()
    by_person: dict[str, list[CallParticipant]] = {}
    for row in stays:
        if was_in(row):
            by_person.setdefault(str(row.user_id or row.identity or row.pk), []).append(row)
    return [_together(rows) for rows in by_person.values()]


def was_in(row: CallParticipant) -> bool:
    """Tell whether this is somebody who was in the call.

    A recorder is nobody, and who got a seat in a room and never took it was not in it.
    """
    if row.kind == CallParticipant.Kind.RECORDER:
        return False
    is_empty_seat = row.identity and row.joined_at is None
    return not is_empty_seat


def _together(rows: list[CallParticipant]) -> CallParticipant:
    """Take all stays of a person as one.

    While one stay lasts, they have not left; two devices at once are not twice the time.
    """
    if len(rows) == 1:
        return rows[0]
    whole = copy.copy(rows[0])
    whole.joined_at = min((row.joined_at for row in rows if row.joined_at), default=None)
    whole.left_at = whole.total_seconds = None
    ends = [row.left_at for row in rows if row.left_at]
    if len(ends) == len(rows):
        whole.left_at = max(ends)
        whole.total_seconds = _covered((row.joined_at, row.left_at) for row in rows)
    return whole


def _covered(stays: Iterable[tuple[datetime | None, datetime | None]]) -> int:
    total, until = 0, None
    for start, end in sorted((start, end) for start, end in stays if start and end):
        if until is None:
            until = start
        total += seconds(max(start, until), end)
        until = max(until, end)
    return total
