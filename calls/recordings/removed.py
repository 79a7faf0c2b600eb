"""Recordings whose rows go away, with a call or a whole organization:
their objects are deleted too, and proved gone.

Whatever deletes a row leaves a `RemovedRecording` in the same transaction; so nothing lies in the
storage that nobody knows of, whether the storage answers that day or not. There is no retention to
wait for: they go as soon as they can.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from calls import livekit, turns
from calls.models import Recording, RemovedRecording
from calls.models.recordings import UNDER_WAY
from calls.recordings import proving, reasons, retention, starting, states, trouble
from core import audit
from core.errors import VendorError

AT_ONCE: Final = 200
AGAIN: Final = timedelta(minutes=5)


def remember_removed(*, instance: Recording, **_signal: Any) -> None:
    """Keep what the object of a row that is about to be deleted is called.

    Nothing is kept where the object is gone or was never begun.
    """
    if not instance.key or instance.reason == reasons.NO_STORAGE:
        return
    if instance.deleted_at is not None:
        return
    room_name = egress_id = ""
    if instance.state in UNDER_WAY:
        room_name, egress_id = instance.call.room_name, instance.egress_id
    RemovedRecording.objects.create(
        organization_id=instance.call.organization_id,
        call_id=instance.call_id,
        room_name=room_name,
        egress_id=egress_id,
        endpoint=instance.endpoint,
        bucket=instance.bucket or settings.RECORDINGS_S3_BUCKET,
        key=instance.key,
    )


def delete_removed(now: datetime | None = None) -> int:
    """Delete the objects that are left over, and prove it; return how many are gone."""
    moment = now or timezone.now()
    waiting = turns.due(moment, AGAIN)
    rows = RemovedRecording.objects.filter(waiting, deleted_at=None).order_by(
        F("checked_at").asc(nulls_first=True)
    )
    proofs, gone = proving.Proofs(), 0
    for row in rows[:AT_ONCE]:
        if not RemovedRecording.objects.filter(waiting, pk=row.pk, deleted_at=None).update(
            checked_at=moment
        ):
            continue
        try:
            if not _has_ended(row):
                continue
            proof = proofs.of(row)
        except VendorError as error:
            trouble.not_deleted(row, error)
            if retention.concerns_all(error):
                break
            continue
        gone += _write(row, proof)
    retention.say_when_good(moment)
    return gone


def _has_ended(row: RemovedRecording) -> bool:
    """Tell whether nothing writes it any more.

    A recorder that still runs would put the file into the storage after its deletion.
    """
    if not row.room_name:
        return True
    if row.removed_at > timezone.now() - starting.LEASE:
        return False  # its start may be under way just now
    server = livekit.server()
    known = server.list_egress(room_name=row.room_name)
    running = [egress for egress in known if _writes(egress, row)]
    for egress in running:
        server.stop_egress(egress.egress_id)
    return not running


def _writes(egress: livekit.Egress, row: RemovedRecording) -> bool:
    if egress.is_over:
        return False
    return egress.egress_id == row.egress_id or states.is_of(row, egress)


@transaction.atomic
def _write(row: RemovedRecording, proof: dict[str, Any]) -> bool:
    unchanged = RemovedRecording.objects.filter(pk=row.pk, deleted_at=None)
    written = unchanged.update(deleted_at=timezone.now(), deletion_proof=proof, deletion_error="")
    if written:
        audit.record(
            "recording.deleted",
            actor="removal",
            target=row,
            organization_id=row.organization_id,
            key=row.key,
            call=str(row.call_id),
            found=proof["found"],
        )
    return bool(written)
