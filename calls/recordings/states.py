"""What LiveKit says of a recording, in any order and as often as it likes, to one state.

States have an order, and a recording only ever rises in it;
so the same things told in another order end the same, and what is told again changes nothing:

    starting < active < processing < failed < available < expired

`failed` stands below `available`, because a file that is there is better evidence than whatever
spoke against it. A recording that LiveKit calls complete is `processing` until the storage was seen
to hold the file (`ending.settle`).
"""

import logging
import re
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from calls.livekit import Egress, shapes
from calls.models import Call, Recording, RemovedRecording
from calls.recordings import reasons, storage, trouble
from core import happenings
from core.queue import jobs
from core.quick import attach

logger = logging.getLogger(__name__)

State = Recording.State
RISE: Final = [
    State.STARTING,
    State.ACTIVE,
    State.PROCESSING,
    State.FAILED,
    State.AVAILABLE,
    State.EXPIRED,
]
RANK: Final[dict[str, int]] = {state.value: rank for rank, state in enumerate(RISE)}

_BEFORE_THE_END: Final[dict[str, State]] = {
    shapes.STARTING: State.STARTING,
    shapes.RUNNING: State.ACTIVE,
    shapes.ENDING: State.PROCESSING,
}
_WITHOUT_FILE: Final = {shapes.FAILED: reasons.FAILED, shapes.ABORTED: reasons.ABORTED}
WITH_FILE: Final = {
    shapes.COMPLETE: "",
    shapes.LIMIT_REACHED: reasons.LIMIT,
    shapes.FAILED: reasons.BROKE_OFF,
    shapes.ABORTED: reasons.BROKE_OFF,
}
LONGEST_SID: Final = 100
_STATUS_RANK: Final = {status: rank for rank, status in enumerate(_BEFORE_THE_END)}
# The parts are organization, call and recording: ids alone, so that an address tells nobody
# anything.
_KEY: Final = re.compile(r"recordings/[0-9a-f-]{36}/[0-9a-f-]{36}/([0-9a-f-]{36})\.mp4\Z")


def key_for(recording_id: UUID, call_id: UUID, organization_id: UUID) -> str:
    return f"recordings/{organization_id}/{call_id}/{recording_id}.mp4"


def judged(egress: Egress) -> tuple[State, str]:
    """Return state and reason as LiveKit's word has them: the file decides, the status explains."""
    if not egress.is_over:
        return _BEFORE_THE_END.get(egress.status, State.STARTING), ""
    if egress.file is None or egress.file.size <= 0:
        return State.FAILED, _WITHOUT_FILE.get(egress.status, reasons.EMPTY)
    return State.PROCESSING, WITH_FILE[egress.status]


@transaction.atomic
def apply(egress: Egress) -> Recording | None:
    """Take in what LiveKit says; return the recording it is about, or None where it is none of
    ours.
    """
    recording = _meant(egress)
    if recording is None:
        return None
    state, reason = judged(egress)
    _note(recording, egress)
    raised = raise_to(recording, state, reason)
    if awaits_file(raised):
        if storage.configured():
            jobs.after_commit("calls.settle_recording", str(recording.pk))
        else:  # without a storage to look at, LiveKit's word is all there is
            raised = raise_to(recording, State.AVAILABLE, reason)
    return raised


@transaction.atomic
def raise_to(recording: Recording, state: State, reason: str = "", **facts: Any) -> Recording:
    """Let the recording rise to this state, with what is known of it now; a lower state leaves it
    as it is.
    """
    current = (
        Recording.objects.select_for_update(of=("self",))
        .select_related("call")
        .get(pk=recording.pk)
    )
    rises = RANK[state] > RANK[current.state]
    without_news = current.reason in reasons.WITHOUT_NEWS
    has_news = reason not in {"", *reasons.WITHOUT_NEWS}
    explained = without_news and has_news and state == current.state
    if not (rises or explained or facts):
        return current
    for name, value in facts.items():
        setattr(current, name, value)
    if rises or explained:
        current.state = state
        if without_news:
            current.reason = ""
        current.reason = reason or current.reason
    current.save()
    if rises:
        _announce(current)
    return current


def _announce(recording: Recording) -> None:
    if recording.state == State.FAILED:
        trouble.failed(recording, recording.call)
    elif recording.state == State.AVAILABLE:
        trouble.good(recording.call)
        happenings.tell("recording.available", [recording])
        jobs.after_commit("calls.transcribe_recording", str(recording.pk))


def awaits_file(recording: Recording) -> bool:
    """Tell whether LiveKit told the end of it, and the storage has not shown the file yet."""
    if recording.egress_status not in shapes.OVER or recording.deleted_at is not None:
        return False
    if recording.state == State.PROCESSING:
        return True
    return recording.state == State.FAILED and recording.reason in reasons.WITHOUT_NEWS


def with_recordings() -> "Prefetch[Any, Any, Any]":
    """Read the recordings of calls with them, slice by slice, for `recordings_of`."""
    return Prefetch("recordings", to_attr="newest_recordings")


def read_recordings(calls: Iterable[Call]) -> None:
    """Read the recordings of a page of calls in one query, for `recordings_of`.
    A call at Fathom has none of ours.
    """
    ours = (call for call in calls if call.source == Call.Source.NATIVE)
    attach(ours, Recording.objects.all(), "call", "newest_recordings")


def recordings_of(call: Call) -> list[Recording]:
    """Return a call's recordings, newest first."""
    if hasattr(call, "newest_recordings"):
        return call.newest_recordings
    return list(call.recordings.all())


def shown(recordings: Iterable[Recording]) -> Recording | None:
    """Return which of a call's recordings, newest first, to show: one under way, one to play,
    else the newest.
    """
    newest = list(recordings)
    under_way = [
        recording for recording in newest if RANK[recording.state] <= RANK[State.PROCESSING]
    ]
    playable = [recording for recording in newest if recording.state == State.AVAILABLE]
    return next(iter([*under_way, *playable, *newest]), None)


def is_of(recording: Recording | RemovedRecording, egress: Egress) -> bool:
    """Tell whether this is the recorder of that recording: no other was ordered to write its
    key.
    """
    return recording.key in _keys(egress)


def _meant(egress: Egress) -> Recording | None:
    """Find the recording by its id; where we died before we could store that, by the key, which
    names it.
    """
    recordings = Recording.objects.select_for_update(of=("self",)).select_related("call")
    found = None
    if egress.egress_id:
        found = recordings.filter(egress_id=egress.egress_id).first()
    if found is not None:
        return found
    ids = [match[1] for key in _keys(egress) if (match := _KEY.match(key))]
    if not ids:
        return None
    found = recordings.filter(pk=ids[0], key__in=_keys(egress)).first()
    if found is None or not egress.egress_id:
        return found
    if found.egress_id:
        logger.error("A second recorder (%s) writes the recording %s", egress.egress_id, found.pk)
        return None
    found.egress_id = egress.egress_id
    found.save(update_fields=["egress_id"])
    return found


def _keys(egress: Egress) -> set[str]:
    return {egress.filepath, *(file.filename for file in egress.files)} - {""}


def _note(recording: Recording, egress: Egress) -> None:
    """Note what adds to the evidence; of two statuses the later stays, whichever came first."""
    recording.checked_at = timezone.now()
    _fill(recording, started_at=egress.started_at)
    if _rank_of(egress.status) > _rank_of(recording.egress_status):
        recording.egress_status, recording.egress_error = egress.status, egress.error[:500]
    if len(egress.room_sid) <= LONGEST_SID:
        _fill(recording, room_sid=egress.room_sid)
    if egress.is_over:
        if recording.ended_at is None and egress.ended_at:
            # Where webhooks were lost, the call's own end is known by that of its recording.
            jobs.after_commit("calls.settle", str(recording.call_id))
        _fill(recording, ended_at=egress.ended_at)
        if egress.file:
            seconds = round(egress.file.duration_seconds)
            _fill(recording, size_bytes=egress.file.size, duration_seconds=seconds)
    recording.save()


def _fill(recording: Recording, **facts: Any) -> None:
    """Take those of these facts that are not known yet."""
    for name, value in facts.items():
        if not getattr(recording, name):
            setattr(recording, name, value)


def _rank_of(status: str) -> int:
    """Rank a status; unknown statuses come first: a word that is not understood moves nothing."""
    if status in shapes.OVER:
        return len(_STATUS_RANK)
    return _STATUS_RANK.get(status, -1)
