"""One recording, from the storage through the endpoint into the library,
with a run as the evidence.

claim → fetch → hear → keep the words → sum up → keep the summary. Each step that was paid for is
kept before the next begins, so an attempt that breaks off is followed by one that only does the
rest. Whoever was too slow and lost the claim keeps nothing: every write names the attempt that
it belongs to.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from calls import library
from calls.incoming import Segment
from calls.models import Call, Recording, Transcript, Transcription
from calls.recordings.storage import THERE
from calls.transcripts import due, hearing, reasons, service, trouble
from calls.transcripts.hearing import Fault
from core.errors import BadCredentials, Misconfigured, RateLimited, Rejected, VendorError
from core.http import CallContext
from core.outbox import Pauses
from core.runs.attempt import Work

State = Transcription.State
# The pauses before the second attempt, the third, and so on.
PAUSES: Final = Pauses(
    [timedelta(minutes=minutes) for minutes in (1, 5, 25, 120)], longest_asked=timedelta(days=1)
)
# The same request would be refused again for any of these.
FINAL: Final = frozenset(
    {reasons.REFUSED, reasons.TOO_LARGE, reasons.NO_RECORDING, reasons.TURNED_OFF}
)
# Nobody has to look at these.
QUIET: Final = frozenset({reasons.NO_RECORDING, reasons.TURNED_OFF})


class Lost(Exception):
    """Another attempt has this recording now, or the call is gone:
    nothing of this one may be kept.
    """


def write(run: Work) -> None:
    """Write down what was said in one recording."""
    run.must_add_up("recordings")
    outcome = _worked(run)
    run.add(counts={"recordings": 1}, outcomes={outcome: 1})
    run.progress(done=1)


def _worked(run: Work) -> str:
    """Work on the recording; return what became of it, as the run counts it."""
    recording_id = run.subject_id
    if _given_up(recording_id, run):
        return "failed"
    row = _claimed(recording_id, run)
    if row is None:
        return "nothing_to_do"
    try:
        return _done(row, run)
    except Lost:
        return _lost(row)
    except Fault as fault:
        return _put_down(row, fault, run)


def _claimed(recording_id: UUID, run: Work) -> Transcription | None:
    """Claim the row by one conditional UPDATE.

    None for a row that another has, that is over, or that is gone.
    """
    taken = _free(recording_id, run).update(
        state=State.WORKING,
        attempts=F("attempts") + 1,
        tried_at=timezone.now(),
        run_id=run.run.pk,
        due_at=None,
    )
    if not taken:
        return None
    return Transcription.objects.select_related("recording__call").get(pk=recording_id)


def _given_up(recording_id: UUID, run: Work) -> bool:
    """End what was begun as often as may be, the last time by a worker that did not
    come to its end.
    """
    worn_out = _free(recording_id, run).filter(attempts__gte=PAUSES.attempts)
    if not worn_out.update(
        state=State.FAILED, reason=reasons.BROKE_OFF, finished_at=timezone.now()
    ):
        return False
    row = Transcription.objects.select_related("recording__call").get(pk=recording_id)
    trouble.failed(row, row.recording.call)
    run.incomplete(reasons.WORDS[reasons.BROKE_OFF])
    return True


def _free(recording_id: UUID, run: Work) -> QuerySet[Transcription]:
    """Find the row, where nobody else is at work on it."""
    waits = Q(state__in=[State.WAITING, State.INCOMPLETE])
    ours = Q(state=State.WORKING, run_id=run.run.pk)
    left = Q(state=State.WORKING, tried_at__lt=timezone.now() - due.LEASE)
    return Transcription.objects.filter(waits | ours | left, pk=recording_id)


def _done(row: Transcription, run: Work) -> str:
    """Do what is left to do of it."""
    call = row.recording.call
    _check_wanted(row)
    context = CallContext(
        organization_id=call.organization_id, run_id=run.run.pk, function_name="transcripts"
    )
    if row.heard_at is None:
        _hear(row, run, context)
    text = Transcript.objects.filter(call=call).values_list("text", flat=True).first() or ""
    if all([settings.OPENAI_SUMMARY_MODEL, row.segments, text]):
        _sum_up(row, text, run, context)
    outcome, reason = "written", ""
    if not row.segments:
        outcome, reason = "silent", reasons.SILENT
    _end(row, State.DONE, reason)
    trouble.good(call)
    return outcome


def _hear(row: Transcription, run: Work, context: CallContext) -> None:
    """Send what was not heard yet, a file at a time; the last one's words bring them all
    into the library.
    """
    files = hearing.files(row.recording)
    run.evidence(
        sent_to=service.sent_to(), model=settings.OPENAI_TRANSCRIPTION_MODEL, files=len(files)
    )
    for number, file in enumerate(files[row.files_heard :], row.files_heard + 1):
        _check_wanted(row)
        content = file.content()
        try:
            heard = service.hear(content, file.name, context)
        except VendorError as error:
            raise Fault(_reason(error), error) from error
        row.segments = [
            *row.segments,
            *({**part, "at": round(part["at"] + file.at, 2)} for part in heard.segments),
        ]
        row.language, row.files_heard = row.language or heard.language, number
        row.heard_at = None
        if number == len(files):
            row.heard_at = timezone.now()
        _keep_words(row)
        run.add(counts={"bytes": len(content)})
    run.evidence(
        seconds=row.recording.duration_seconds,
        segments=len(row.segments),
        characters=sum(len(part["text"]) for part in row.segments),
        language=row.language,
    )


def _check_wanted(row: Transcription) -> None:
    """Raise a Fault, before anything is sent, where it was turned off or the recording is gone."""
    if due.wanted().filter(pk=row.pk).exists():
        return
    if Recording.objects.filter(pk=row.pk, deleted_at=None).exists():
        raise Fault(reasons.TURNED_OFF)
    raise Fault(reasons.NO_RECORDING)


def _sum_up(row: Transcription, text: str, run: Work, context: CallContext) -> None:
    _check_wanted(row)
    try:
        summary = service.sum_up(text, context)
    except VendorError as error:
        raise Fault(reasons.SUMMARY, error) from error
    with transaction.atomic():
        call = _locked_call(row)
        _store(call, summary=summary)
    run.evidence(summary_characters=len(summary), summary_model=settings.OPENAI_SUMMARY_MODEL)


@transaction.atomic
def _keep_words(row: Transcription) -> None:
    """Keep what was heard beside its recording, and with the last of it in the library,
    together.
    """
    call = _locked_call(row)
    kept = _this_attempt(row).update(
        segments=row.segments,
        language=row.language,
        files_heard=row.files_heard,
        heard_at=row.heard_at,
        # It is still at work, and nobody may take it for left.
        tried_at=timezone.now(),
    )
    if not kept:
        raise Lost
    if row.heard_at is not None:
        _store(call, transcript=list(_together(call)), language=row.language or call.language)


def _locked_call(row: Transcription) -> Call:
    """Return the call, locked, so that it is not deleted meanwhile; Lost where this attempt may
    keep nothing any more.
    """
    call = Call.objects.select_for_update().filter(pk=row.recording.call_id).first()
    if call is None or call.appointment_id is None:
        raise Lost
    if not _this_attempt(row).exists():
        raise Lost
    return call


def _store(call: Call, **data: Any) -> None:
    library.store_call(
        organization_id=call.organization_id,
        source=call.source,
        appointment_id=call.appointment_id,
        **data,
    )


def _together(call: Call) -> Iterator[Segment]:
    """Yield what was heard in all of a call's recordings; later recordings go on from the start of
    the first.
    """
    heard = (
        Transcription.objects.filter(recording__call=call)
        .exclude(heard_at=None)
        .select_related("recording")
    )
    rows = sorted(heard, key=_begins)
    for row in rows:
        after_the_first = _begins(row) - _begins(rows[0])
        for part in row.segments:
            at = part["at"] + round(after_the_first.total_seconds(), 2)
            yield {"speaker": part["speaker"], "at": at, "text": part["text"]}


def _begins(row: Transcription) -> datetime:
    return row.recording.started_at or row.recording.created_at


def _this_attempt(row: Transcription) -> QuerySet[Transcription]:
    return Transcription.objects.filter(
        pk=row.pk, state=State.WORKING, attempts=row.attempts, run_id=row.run_id
    )


def _end(row: Transcription, state: State, reason: str) -> None:
    if not _this_attempt(row).update(state=state, reason=reason, finished_at=timezone.now()):
        raise Lost


def _lost(row: Transcription) -> str:
    """Return why nothing of this attempt is kept."""
    if Transcription.objects.filter(pk=row.pk).exists():
        return "taken_over"
    return "call_gone"


def _put_down(row: Transcription, fault: Fault, run: Work) -> str:
    """Leave it to a later attempt, or end it where there is none."""
    if isinstance(fault.error, RateLimited) and fault.error.status is None:
        # It was our own quota: nothing was sent, so this was no attempt. The run waits and goes on.
        _this_attempt(row).update(state=State.WAITING, attempts=F("attempts") - 1)
        raise fault.error
    run.evidence(reason=fault.reason, attempt=row.attempts)
    run.incomplete(reasons.WORDS[fault.reason])
    pause = None
    if not _is_final(fault):
        pause = PAUSES.after(row.attempts, fault.error.retry_after if fault.error else None)
    if pause is None:
        row.state, row.reason = State.FAILED, fault.reason
        if not _this_attempt(row).update(
            state=row.state, reason=row.reason, finished_at=timezone.now()
        ):
            return _lost(row)
        if fault.reason not in QUIET:
            trouble.failed(row, row.recording.call)
        return "failed"
    _this_attempt(row).update(
        state=State.INCOMPLETE, reason=fault.reason, due_at=timezone.now() + pause
    )
    return "tried_again_later"


def _is_final(fault: Fault) -> bool:
    """Tell whether another attempt could only end the same.

    An answer that is too long, for example, would come again.
    """
    if fault.reason in FINAL:
        return True
    return fault.reason == reasons.UNREADABLE and isinstance(fault.error, Rejected)


def _reason(error: VendorError) -> str:
    """Return why nothing was heard, by what the error asks for."""
    if isinstance(error, BadCredentials) or error.status in (403, 404):
        return reasons.NOT_ALLOWED
    if isinstance(error, Rejected):
        return {413: reasons.TOO_LARGE, 200: reasons.UNREADABLE}.get(
            error.status or 0, reasons.REFUSED
        )
    if isinstance(error, Misconfigured):
        return reasons.UNREADABLE if error.status else reasons.NOT_ALLOWED
    if error.status == THERE:
        return reasons.UNREADABLE
    return reasons.AWAY
