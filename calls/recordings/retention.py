"""The end of a recording's time: its object is deleted, looked for again,
and only then called gone.

One that the storage refuses to delete (a legal hold, a bucket that this key may not touch) keeps no
other from its turn: it is tried again the next day, after all that were not tried since, and an
incident stays open until then. The proof is what the storage answered, request by request
(`proving`). Whatever stops in between is begun again the next time; two at once do the same twice
and write it down once.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from calls import turns
from calls.models import Recording, RemovedRecording
from calls.recordings import proving, reasons, storage, trouble
from core import audit
from core.errors import Rejected, VendorError
from crm.models import OrganizationSettings

State = Recording.State
AT_ONCE: Final = 500
# Whoever took a recording to delete it has so long before another may.
CLAIM: Final = timedelta(minutes=5)
DEFAULT_DAYS: Final = OrganizationSettings._meta.get_field("retention_days").default


def expire(now: datetime | None = None) -> int:
    """Delete what is past its organization's retention, and prove it; return how many are gone."""
    moment = now or timezone.now()
    proofs, gone = proving.Proofs(), 0
    for recording in due(moment)[:AT_ONCE]:
        if not _claim(recording, moment):
            continue
        try:
            proof = proofs.of(recording)
        except VendorError as error:
            trouble.not_deleted(recording, error)
            if concerns_all(error):
                break
            continue
        gone += _write(recording, proof)
    say_when_good(moment)
    return gone


def concerns_all(error: VendorError) -> bool:
    """Tell whether the next would fare no better.

    It would not where the storage is away, or takes no more, or does not know the key.
    """
    return not isinstance(error, Rejected)


def say_when_good(now: datetime) -> None:
    """Close the incident of what could not be deleted once none is left of it."""
    removed = RemovedRecording.objects.filter(deleted_at=None).exclude(deletion_error="")
    if not (due(now).exclude(deletion_error="").exists() or removed.exists()):
        trouble.all_deleted()


def due(now: datetime) -> QuerySet[Recording]:
    """Return those past their time, longest untried first; failed recordings too, of which a part
    may be stored.
    """
    days = Coalesce(F("call__organization__settings__retention_days"), Value(DEFAULT_DAYS))
    kept = ExpressionWrapper(days * Value(timedelta(days=1)), output_field=DurationField())
    made = Coalesce(F("ended_at"), F("created_at"))
    over = Recording.objects.filter(state__in=[State.AVAILABLE, State.FAILED], deleted_at=None)
    # Nothing of those was ever put anywhere.
    over = over.exclude(key="").exclude(reason=reasons.NO_STORAGE)
    past = over.annotate(made=made, kept=kept).filter(made__lt=Value(now) - F("kept"))
    return past.select_related("call").order_by(F("checked_at").asc(nulls_first=True), "made", "pk")


def _claim(recording: Recording, now: datetime) -> bool:
    """Claim it by one conditional UPDATE; what another took a moment ago is theirs."""
    return bool(
        Recording.objects.filter(turns.due(now, CLAIM), pk=recording.pk, deleted_at=None).update(
            checked_at=now
        )
    )


def delete_now(recording: Recording, actor: str = "erasure") -> bool:
    """Delete one recording's object before its time, and prove it; return whether this call did.

    Raise VendorError while it is not proved to be gone, or is still being made.
    """
    if recording.state not in (State.AVAILABLE, State.FAILED):
        raise Rejected(storage.VENDOR)
    return _write(recording, proving.Proofs().of(recording), actor)


@transaction.atomic
def _write(recording: Recording, proof: dict[str, Any], actor: str = "retention") -> bool:
    """Write the proof, the state and the audit row together, once."""
    row = Recording.objects.filter(pk=recording.pk, deleted_at=None)
    state = recording.state
    if state == State.AVAILABLE:
        state = State.EXPIRED
    written = row.update(
        state=state,
        deleted_at=timezone.now(),
        deletion_proof=proof,
        deletion_error="",
        updated_at=timezone.now(),
    )
    if written:
        audit.record(
            "recording.deleted",
            actor=actor,
            target=recording,
            organization_id=recording.call.organization_id,
            key=recording.key,
            call=str(recording.call_id),
            found=proof["found"],
        )
    return bool(written)
