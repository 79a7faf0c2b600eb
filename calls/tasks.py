"""The clock's and the queue's ways in."""

from typing import Any, Final
from uuid import UUID

from celery import shared_task

from calls import indexing, reconcile, recordings, rooms, sending, transcripts
from core.queue import jobs

# A room opens when the first person comes in, some seconds after the door was opened to them.
ROOM_NOT_OPEN: Final = (5, 10, 20, 40)


@shared_task(name="calls.index_waiting")
def index_waiting() -> None:
    """Read the words of calls that came in many at once, so that they are found."""
    indexing.index_waiting()
    indexing.learn_waiting()


@shared_task(name="calls.reconcile")
def ask_livekit() -> None:
    """Bring calls and recordings to what LiveKit says of them, whatever became of its webhooks."""
    reconcile.sweep()


@shared_task(name="calls.settle")
def settle(call_id: str) -> None:
    """Bring a call to what became known of it, without asking anybody."""
    rooms.settle_again(UUID(call_id))


@shared_task(name="calls.start_recording", bind=True, max_retries=len(ROOM_NOT_OPEN))
def start_recording(self: Any, call_id: str) -> None:
    """See to it that this call is recorded, where it should be;
    also one that was over and goes on.
    """
    if reconcile.goes_on(UUID(call_id)) and recordings.begin(UUID(call_id)):
        return
    if self.request.retries < len(ROOM_NOT_OPEN):
        raise self.retry(countdown=ROOM_NOT_OPEN[self.request.retries])


@shared_task(name="calls.end_recording")
def end_recording(call_id: str) -> None:
    """End the recording of a call that is over, or not to be recorded any more."""
    recordings.stop_recordings(UUID(call_id))


@shared_task(name="calls.settle_recording")
def settle_recording(recording_id: str) -> None:
    """Look whether the storage holds what LiveKit says that it wrote."""
    recordings.settle(UUID(recording_id))


@shared_task(name="calls.transcribe_recording")
def transcribe_recording(recording_id: str) -> None:
    """Write down what was said in a recording that came in, where its organization wants that."""
    transcripts.begin(UUID(recording_id))


@shared_task(name="calls.sweep_transcriptions")
def sweep_transcriptions() -> None:
    """Begin what no message came for, and what is tried again."""
    transcripts.sweep()


@shared_task(name="calls.expire_recordings")
def expire_recordings() -> None:
    """Delete what is past its time, a batch at a time."""
    if recordings.expire():
        jobs.send("calls.expire_recordings")


@shared_task(name="calls.delete_removed_recordings")
def delete_removed_recordings() -> None:
    """Delete the objects of recordings whose calls are gone."""
    recordings.delete_removed()


@shared_task(name="calls.send_meeting_mails")
def send_meeting_mails() -> None:
    """Write the mails to leads that are due."""
    sending.send_waiting()
