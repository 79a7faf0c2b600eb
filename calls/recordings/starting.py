"""Starting a recording: one recorder per call, whoever asks, however often,
whatever dies on the way.

The row is the claim: the database takes one recording under way per call. Its key names it, and a
recorder is known by the key that it writes. So whoever finds a row without a recorder first asks
LiveKit whether there is one after all, and only then starts another. LEASE keeps them apart while
one of them is asking: it is longer than any call to LiveKit.
"""

import itertools
import logging
import uuid
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from calls import livekit, turns
from calls.models import Call, Recording
from calls.models.recordings import UNDER_WAY
from calls.recordings import reasons, states, storage
from core.errors import RateLimited, Temporary, VendorError
from core.http import CallContext
from crm.services import settings_of

logger = logging.getLogger(__name__)

State = Recording.State
LEASE: Final = timedelta(seconds=45)
# A recording that has not begun by then counts as failed.
GIVE_UP: Final = timedelta(minutes=4)
# After so many failures in a row the rest of the call is left alone; between two of them a moment
# passes.
MOST_FAILURES: Final = 3
# So many recordings a call has at most, however often its recorder ends by itself.
MOST: Final = 12
# What was tried longer ago was another sitting: a meeting that was moved begins anew.
SITTING: Final = timedelta(hours=12)
PAUSE: Final = timedelta(minutes=1)


def wanted(call: Call) -> bool:
    """Tell whether this call is to be recorded now.

    It is where it is in a room of ours and not over, and its organization wants it.
    """
    if call.source != Call.Source.NATIVE:
        return False
    if call.status == Call.Status.COMPLETED:
        return False
    if not call.room_name or not livekit.can_record():
        return False
    return settings_of(call.organization).call_recording_enabled


def begin(call_id: UUID) -> bool:
    """See to it that this call is recorded.

    False: its room is not open yet, or LiveKit cannot say; ask again soon.
    """
    call = Call.objects.select_related("organization__settings").filter(pk=call_id).first()
    if call is None or not wanted(call):
        return True
    recording = call.recordings.filter(state__in=UNDER_WAY).first()
    if recording is not None:
        return resume(recording, call)
    if not _may_try(call):
        return True
    recording = _claim(call)
    if recording is None:
        return True
    return _start(recording, call)


def resume(recording: Recording, call: Call) -> bool:
    """Go on where whoever claimed it was stopped: LiveKit is asked first whether there is a
    recorder already.
    """
    if recording.egress_id or not _lease(recording):
        return True
    try:
        running = recorder_of(recording, call)
    except VendorError as error:
        return _refused(recording, error)
    if running is not None:
        states.apply(running)
        return True
    if not wanted(call):
        states.raise_to(recording, State.FAILED, reasons.CALL_OVER, checked_at=timezone.now())
        return True
    if recording.created_at < timezone.now() - GIVE_UP:
        states.raise_to(recording, State.FAILED, reasons.NOT_STARTED, checked_at=timezone.now())
        return True
    if not _lease(recording, again=True):
        return True
    return _start(recording, call)


def recorder_of(recording: Recording, call: Call) -> livekit.Egress | None:
    """Return the recorder that writes this recording, if LiveKit has it."""
    found = server(call).list_egress(room_name=call.room_name)
    return next((egress for egress in found if states.is_of(recording, egress)), None)


def server(call: Call) -> livekit.Server:
    return livekit.server(
        CallContext(organization_id=call.organization_id, function_name="recordings")
    )


def _may_try(call: Call) -> bool:
    today = call.recordings.filter(created_at__gt=timezone.now() - SITTING)
    earlier = list(today.order_by("-created_at", "-id")[:MOST])
    if not earlier or earlier[0].state != State.FAILED:
        return len(earlier) < MOST
    if earlier[0].reason == reasons.NO_STORAGE:
        return False
    in_a_row = list(itertools.takewhile(lambda row: row.state == State.FAILED, earlier))
    if len(in_a_row) >= MOST_FAILURES:
        return False
    return turns.is_due(earlier[0].updated_at, timezone.now(), PAUSE)


def _claim(call: Call) -> Recording | None:
    """Make the row that stands for this recording.

    None when somebody else's stands already, or it can only fail.
    """
    recording_id = uuid.uuid4()
    recording = Recording(
        pk=recording_id,
        call=call,
        endpoint=storage.endpoint(),
        bucket=settings.RECORDINGS_S3_BUCKET,
        key=states.key_for(recording_id, call.pk, call.organization_id),
        checked_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            recording.save(force_insert=True)
    except IntegrityError:  # the unique index: there is one under way, or the call is gone
        return None
    if not storage.configured():
        states.raise_to(recording, State.FAILED, reasons.NO_STORAGE)
        return None
    return recording


def _lease(recording: Recording, *, again: bool = False) -> bool:
    """Have it to oneself, by one conditional UPDATE, once the time of the last to have it has run
    out.

    `again`: that was our own time.
    """
    now, before = timezone.now(), recording.checked_at
    if not again and not turns.is_due(before, now, LEASE):
        return False
    unchanged = Recording.objects.filter(
        pk=recording.pk, state=State.STARTING, egress_id="", checked_at=before
    )
    recording.checked_at = now
    return bool(unchanged.update(checked_at=now))


def _start(recording: Recording, call: Call) -> bool:
    """Ask for the recorder. What is unclear afterwards waits for the lease to run out,
    and `resume` looks first.
    """
    try:
        egress = server(call).start_recording(call.room_name, recording.key, storage.for_livekit())
    except VendorError as error:
        return _refused(recording, error)
    if egress is None:
        _give_back(recording)
        return False
    _started(recording, egress)
    return True


def _started(recording: Recording, egress: livekit.Egress) -> None:
    Recording.objects.filter(pk=recording.pk, egress_id="").update(egress_id=egress.egress_id)
    states.apply(egress)


def _give_back(recording: Recording) -> None:
    """Keep nothing of a recording whose room is not open: nothing was begun."""
    unchanged = Recording.objects.filter(pk=recording.pk, state=State.STARTING, egress_id="")
    if unchanged.filter(checked_at=recording.checked_at).update(key=""):
        unchanged.filter(key="").delete()


def _refused(recording: Recording, error: VendorError) -> bool:
    """Leave the claim to the next who asks where the failure may pass; end the recording after any
    other.
    """
    logger.warning("The recording %s was not started: %s", recording.pk, error)
    if isinstance(error, RateLimited):
        _free(recording)
        return False
    if isinstance(error, Temporary):
        return False
    states.raise_to(recording, State.FAILED, reasons.REFUSED, egress_error=error.message[:500])
    return True


def _free(recording: Recording) -> None:
    """Let the next try at once: nothing was sent."""
    long_ago: datetime = timezone.now() - LEASE
    Recording.objects.filter(pk=recording.pk, egress_id="").update(checked_at=long_ago)
