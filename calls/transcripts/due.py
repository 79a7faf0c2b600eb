"""Which recordings are to be written down, and whose turn it is.

Available, with people in the call, of an organization that chose it, and of the
last two days: turning it on sends nothing that is older.
A message is only a hint; the timer asks each minute and finds what no message came for.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call, CallParticipant, Recording, Transcription
from calls.transcripts import reasons, service
from core import runs

State = Transcription.State
KIND: Final = runs.Kind(
    "calls.transcription",
    _("What was said in a call"),
    work="calls.transcripts.writing.write",
    words=reasons.RUN_WORDS,
)
# What ended longer ago than this is not written down by itself any more.
NEW: Final = timedelta(days=2)
# No attempt takes so long: whoever works on a recording for longer has died, and so has the sweep
# of runs.
LEASE: Final = timedelta(minutes=30)
AT_ONCE: Final = 100
_RANK: Final[dict[str, int]] = {
    state: rank
    for rank, state in enumerate(
        [State.WORKING, State.WAITING, State.INCOMPLETE, State.FAILED, State.DONE]
    )
}


def begin(recording_id: UUID, *, trigger: str = "recording", started_by: Any = None) -> bool:
    """Have this recording written down, where it should be;
    return whether a run is under way for it now.
    """
    open_still = Q(transcription=None) | Q(transcription__state__in=Transcription.OPEN)
    recording = wanted().filter(open_still, pk=recording_id).select_related("call").first()
    if recording is None or not service.configured():
        return False
    Transcription.objects.get_or_create(recording=recording)
    runs.start(
        KIND,
        recording,
        {"call": str(recording.call_id)},
        organization_id=recording.call.organization_id,
        started_by=started_by,
        trigger=trigger,
        total=1,
    )
    return True


def may_try_again(call: Call) -> bool:
    """Tell whether something of this call failed that could be written down after all."""
    return service.configured() and _failed(call).exists()


def try_again(call: Call, actor: Any) -> bool:
    """Give what failed of this call as many attempts as the first time;
    whether any of it is under way now.

    What was heard already is kept. Asked twice, it is begun once.
    """
    if not service.configured():
        return False
    fresh: dict[str, Any] = {
        "reason": "",
        "attempts": 0,
        "due_at": None,
        "finished_at": None,
        "run_id": None,
    }
    _failed(call).update(state=State.WAITING, **fresh)
    under_way = Transcription.objects.filter(
        recording__call=call, state__in=[State.WAITING, State.WORKING]
    )
    begun = [
        begin(pk, trigger="manual", started_by=actor)
        for pk in under_way.values_list("pk", flat=True)
    ]
    return any(begun)


def _failed(call: Call) -> QuerySet[Transcription]:
    return Transcription.objects.filter(
        recording__call=call, state=State.FAILED, recording__in=wanted()
    )


def sweep(now: datetime | None = None) -> int:
    """Begin every recording whose turn it is; return how many."""
    moment = now or timezone.now()
    _end_unwanted(moment)
    if not service.configured():
        return 0
    new = (
        wanted()
        .filter(transcription=None, created_at__gt=moment - NEW)
        .order_by("created_at", "pk")
    )
    again = _again(moment).order_by(F("due_at").asc(nulls_first=True), "pk")
    found = [
        *new.values_list("pk", flat=True)[:AT_ONCE],
        *again.values_list("pk", flat=True)[:AT_ONCE],
    ]
    return sum(begin(recording_id, trigger="timer") for recording_id in found)


def wanted() -> QuerySet[Recording]:
    """Find recordings that may be written down: playable, with people in the call, and their
    organization chose it.
    """
    people = CallParticipant.objects.filter(call=OuterRef("call_id"), joined_at__isnull=False)
    people = people.exclude(kind=CallParticipant.Kind.RECORDER)
    playable = Recording.objects.filter(state=Recording.State.AVAILABLE, deleted_at=None).exclude(
        key=""
    )
    chosen = playable.filter(
        call__source=Call.Source.NATIVE,
        call__organization__settings__call_transcription_enabled=True,
    )
    return chosen.exclude(duration_seconds=0).filter(Exists(people))


def _again(now: datetime) -> QuerySet[Transcription]:
    """Find what waits for an attempt that is due, and what was left in the middle of an attempt."""
    turn = Q(due_at=None) | Q(due_at__lte=now)
    waiting = Q(state__in=[State.WAITING, State.INCOMPLETE]) & turn
    left = Q(state=State.WORKING, tried_at__lt=now - LEASE)
    return Transcription.objects.filter(waiting | left)


def _end_unwanted(now: datetime) -> None:
    """End what waits for an attempt that will never come: its recording was deleted, or it was
    turned off.
    """
    waiting = Transcription.objects.filter(state__in=[State.WAITING, State.INCOMPLETE])
    unwanted = waiting
    if service.configured():
        unwanted = waiting.exclude(recording__in=wanted())
    deleted = Recording.objects.exclude(deleted_at=None)
    unwanted.filter(recording__in=deleted).update(
        state=State.FAILED, reason=reasons.NO_RECORDING, finished_at=now
    )
    unwanted.update(state=State.FAILED, reason=reasons.TURNED_OFF, finished_at=now)


def with_states() -> "Prefetch[Any, Any, Any]":
    """Read recordings with how far each is, for `state_of`: in one query, without what was
    heard.
    """
    return Prefetch(
        "recordings",
        Recording.objects.select_related("transcription").defer("transcription__segments"),
    )


def state_of(call: Call) -> Transcription | None:
    """Return how far a call is: what is still open of it, else what failed, else what is done; None
    for nothing.
    """
    rows = [
        row
        for recording in call.recordings.all()
        if (row := getattr(recording, "transcription", None))
    ]
    return min(rows, key=lambda row: _RANK[row.state], default=None)
