"""Who was in a call, each once: the stays of one person, and their devices, are taken together."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from calls.life import seconds
from calls.models import Call, CallParticipant


class Stay(NamedTuple):
    """What is shown of a stay: no row of the model, of which a page would make hundreds."""

    id: UUID
    call_id: UUID
    user_id: int | None
    kind: str
    member_role: str
    display_name: str
    email: str
    identity: str
    joined_at: datetime | None
    left_at: datetime | None
    total_seconds: int | None
    is_host: bool
    is_guest: bool
    is_external: bool


def read_stays(calls: Sequence[Call]) -> None:
    """Read the stays of many calls in one query, for `people_of`."""
    found = _stays(calls)
    for call in calls:
        call.stays = found[call.pk]  # type: ignore[attr-defined]


def people_of(call: Call) -> list[Stay]:
    """Return one stay for each who was in it: from their first coming to their last leaving."""
    stays: list[Stay] | None = getattr(call, "stays", None)
    if stays is None:
        stays = _stays([call])[call.pk]
    by_person: dict[str, list[Stay]] = {}
    for stay in stays:
        if was_in(stay):
            by_person.setdefault(str(stay.user_id or stay.identity or stay.id), []).append(stay)
    return [_together(stays) for stays in by_person.values()]


def was_in(row: Stay | CallParticipant) -> bool:
    """Tell whether this is somebody who was in the call.

    A recorder is nobody, and who got a seat in a room and never took it was not in it.
    """
    if row.kind == CallParticipant.Kind.RECORDER:
        return False
    is_empty_seat = row.identity and row.joined_at is None
    return not is_empty_seat


def _stays(calls: Sequence[Call]) -> dict[UUID, list[Stay]]:
    found: dict[UUID, list[Stay]] = {call.pk: [] for call in calls}
    if found:
        rows = CallParticipant.objects.filter(call_id__in=list(found)).values_list(*Stay._fields)
        for stay in map(Stay._make, rows):
            found[stay.call_id].append(stay)
    return found


def _together(stays: list[Stay]) -> Stay:
    """Take all stays of a person as one.

    While one stay lasts, they have not left; two devices at once are not twice the time.
    """
    if len(stays) == 1:
        return stays[0]
    joined_at = min((stay.joined_at for stay in stays if stay.joined_at), default=None)
    ends = [stay.left_at for stay in stays if stay.left_at]
    if len(ends) < len(stays):
        return stays[0]._replace(joined_at=joined_at, left_at=None, total_seconds=None)
    total_seconds = _covered((stay.joined_at, stay.left_at) for stay in stays)
    return stays[0]._replace(joined_at=joined_at, left_at=max(ends), total_seconds=total_seconds)


def _covered(stays: Iterable[tuple[datetime | None, datetime | None]]) -> int:
    total, until = 0, None
    for start, end in sorted((start, end) for start, end in stays if start and end):
        if until is None:
            until = start
        total += seconds(max(start, until), end)
        until = max(until, end)
    return total
