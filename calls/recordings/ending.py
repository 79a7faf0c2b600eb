"""The end of a recording: its recorder is stopped, and the storage is looked at for the file."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from calls.livekit import shapes
from calls.models import Call, Recording
from calls.models.recordings import UNDER_WAY
from calls.recordings import reasons, starting, states, storage
from core.errors import RateLimited, Temporary, VendorError
from core.queue import jobs

State = Recording.State
# Where a call must be settled five minutes after its end, the storage is waited
# for no longer than this.
PATIENCE: Final = timedelta(minutes=4)


def end(call: Call) -> None:
    """Have the recorder of a call that is over stopped.

    This asks nobody itself, so it may be called in a transaction.
    """
    jobs.after_commit("calls.end_recording", str(call.pk))


def stop_recordings(call_id: UUID) -> None:
    """Stop what still records a call that is over, or that is not to be recorded any more."""
    call = Call.objects.select_related("organization__settings").filter(pk=call_id).first()
    if call is None or starting.wanted(call):
        return
    for recording in call.recordings.filter(state__in=UNDER_WAY):
        stop(recording, call)


def stop(recording: Recording, call: Call) -> None:
    """Ask LiveKit to end it; what is over already is taken in as it is.
    VendorError leaves it to the sweep.
    """
    if not recording.egress_id:
        starting.resume(recording, call)
        recording.refresh_from_db()
    if not recording.egress_id or recording.egress_status in shapes.OVER:
        return
    egress = starting.server(call).stop_egress(recording.egress_id)
    if call.status != Call.Status.COMPLETED:
        Recording.objects.filter(pk=recording.pk, reason="").update(reason=reasons.TURNED_OFF)
    if egress is not None:
        states.apply(egress)


def settings_changed(organization_id: UUID) -> None:
    """Apply to calls that are going on what it means that recording was turned on or off,
    perhaps.
    """
    calls = Call.objects.filter(organization_id=organization_id, source=Call.Source.NATIVE)
    calls = calls.filter(
        Q(status=Call.Status.ONGOING) | Q(recordings__state__in=UNDER_WAY)
    ).distinct()
    for call in calls.select_related("organization__settings"):
        task = "calls.end_recording"
        if starting.wanted(call):
            task = "calls.start_recording"
        jobs.after_commit(task, str(call.pk))


def settle(recording_id: UUID) -> Recording | None:
    """Call a file that LiveKit says was written available, once the storage was seen to have it."""
    recording = Recording.objects.select_related("call").filter(pk=recording_id).first()
    if recording is None or not states.awaits_file(recording):
        return recording
    try:
        seen = storage.look(recording.bucket, recording.key)
    except (Temporary, RateLimited):
        since = recording.ended_at or recording.updated_at
        if since > timezone.now() - PATIENCE:
            return recording
        return _taken_at_its_word(recording)
    except VendorError:  # the key may not look: LiveKit's word is all there is
        return _taken_at_its_word(recording)
    return by_what_was_seen(recording, seen, reasons.MISSING)


def by_what_was_seen(recording: Recording, seen: storage.Seen, missing: str) -> Recording:
    """Give the recording the state that the storage itself proves.

    `missing` is the reason where there is no file.
    """
    now = timezone.now()
    if seen.size > 0:
        facts = {"size_bytes": seen.size, "verified_at": now, "checked_at": now}
        return states.raise_to(recording, State.AVAILABLE, _reason(recording), **facts)
    reason = missing
    if seen.status == storage.THERE:
        reason = reasons.EMPTY
    return states.raise_to(recording, State.FAILED, reason, checked_at=now)


def _taken_at_its_word(recording: Recording) -> Recording:
    state, reason = State.FAILED, reasons.FAILED
    if recording.egress_status in (shapes.COMPLETE, shapes.LIMIT_REACHED):
        state, reason = State.AVAILABLE, _reason(recording)
    return states.raise_to(recording, state, reason, checked_at=timezone.now())


def _reason(recording: Recording) -> str:
    """Return what there is to say of a file that is stored: LiveKit's end of it, or that it told no
    end.
    """
    if recording.reason == reasons.TURNED_OFF:
        return recording.reason
    if recording.egress_status not in shapes.OVER:
        return reasons.UNCONFIRMED
    return states.WITH_FILE[recording.egress_status]
