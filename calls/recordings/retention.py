"""The end of a recording's time: its object is deleted, looked for again, and only then called gone.

One that the storage refuses to delete (a legal hold, a bucket that this key may not touch) keeps no other from its
turn: it is tried again the next day, after all that were not tried since, and an incident stays open until then. The
proof is what the storage answered, request by request. In a bucket that keeps versions a deletion only hides; so
each version that shows is deleted by its name, until the storage says that there is none. Whatever stops in between is
begun again the next time; two at once do the same twice and write it down once.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from calls import turns
from calls.models import Recording, RemovedRecording
from calls.recordings import storage, trouble
from core import audit
from core.errors import Rejected, VendorError
from crm.models import OrganizationSettings

State = Recording.State
AT_ONCE: Final = 500
# Whoever took one to delete it has so long before another may.
CLAIM: Final = timedelta(minutes=5)
# Of one object; more would be a storage that does not delete.
MOST_VERSIONS: Final = 50
DEFAULT_DAYS: Final = OrganizationSettings._meta.get_field("retention_days").default


def expire(now: datetime | None = None) -> int:
    """Delete what is past its organization's retention, and prove it; how many are gone."""
    moment = now or timezone.now()
    gone = 0
    for recording in due(moment)[:AT_ONCE]:
        if not _claim(recording, moment):
            continue
        try:
            proof = delete_with_proof(recording.bucket or settings.RECORDINGS_S3_BUCKET, recording.key)
        except VendorError as error:
            trouble.not_deleted(recording, error)
            if concerns_all(error):
                break
            continue
        gone += _write(recording, proof)
    say_when_good(moment)
    return gone


def concerns_all(error: VendorError) -> bool:
    """Whether the next would fare no better: the storage is away, or takes no more, or does not know the key."""
    return not isinstance(error, Rejected)


def say_when_good(now: datetime) -> None:
    """What could not be deleted is told until none is left of it."""
    removed = RemovedRecording.objects.filter(deleted_at=None).exclude(deletion_error="")
    if not (due(now).exclude(deletion_error="").exists() or removed.exists()):
        trouble.all_deleted()


def due(now: datetime) -> QuerySet[Recording]:
    """Those past their time, longest untried first; failed ones too, of which a part may lie there."""
    days = Coalesce(F("call__organization__settings__retention_days"), Value(DEFAULT_DAYS))
    kept = ExpressionWrapper(days * Value(timedelta(days=1)), output_field=DurationField())
    made = Coalesce(F("ended_at"), F("created_at"))
    over = Recording.objects.filter(state__in=[State.AVAILABLE, State.FAILED], deleted_at=None).exclude(key="")
    past = over.annotate(made=made, kept=kept).filter(made__lt=Value(now) - F("kept"))
    return past.select_related("call").order_by(F("checked_at").asc(nulls_first=True), "made", "pk")


def delete_with_proof(bucket: str, key: str) -> dict[str, Any]:
    """Delete the object and look for it until it is gone; what was answered. VendorError while it is not."""
    answers: list[dict[str, Any]] = []
    for _turn in range(MOST_VERSIONS):
        seen = storage.look(bucket, key)
        answers.append(_answer("HEAD", seen.status, seen.version, size=seen.size))
        if seen.is_gone:
            when = timezone.now().isoformat()
            return {"what": {"bucket": bucket, "key": key}, "when": when, "answers": answers}
        if len(answers) > 1 and not seen.version:
            break  # it took the deletion, and has it still
        answers.append(_answer("DELETE", storage.delete(bucket, key, seen.version), seen.version))
    raise Rejected(storage.VENDOR, status=answers[-1]["status"])


def _answer(request: str, status: int, version: str, **more: Any) -> dict[str, Any]:
    named = {"version": version} if version else {}
    return {"request": request, "status": status, "at": timezone.now().isoformat(), **named, **more}


def _claim(recording: Recording, now: datetime) -> bool:
    """One conditional UPDATE; what another took a moment ago is theirs."""
    return bool(
        Recording.objects.filter(turns.due(now, CLAIM), pk=recording.pk, deleted_at=None).update(checked_at=now)
    )


@transaction.atomic
def _write(recording: Recording, proof: dict[str, Any]) -> bool:
    """The proof, the state and the audit row together, once."""
    row = Recording.objects.filter(pk=recording.pk, deleted_at=None)
    state = State.EXPIRED if recording.state == State.AVAILABLE else recording.state
    written = row.update(
        state=state, deleted_at=timezone.now(), deletion_proof=proof, deletion_error="", updated_at=timezone.now()
    )
    if written:
        audit.record(
            "recording.deleted",
            actor="retention",
            target=recording,
            organization_id=recording.call.organization_id,
            key=recording.key,
            call=str(recording.call_id),
        )
    return bool(written)
