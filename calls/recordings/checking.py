"""The truth about recordings, asked on a timer: every webhook may be lost,
and each still comes to its end.

Whatever LiveKit and the storage say by then, five minutes after the end of its call a recording is
in a final state. One that failed for want of news is asked about for a day longer, and what comes
then makes it good.
"""

import contextlib
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from calls import livekit, turns
from calls.livekit import shapes
from calls.models import Call, Recording
from calls.models.recordings import UNDER_WAY
from calls.recordings import ending, reasons, starting, states, storage
from core.errors import VendorError

State = Recording.State
AT_ONCE: Final = 500
# What is left when this time is over comes first in the next minute.
SECONDS: Final = 50
# Nobody asks about a recording more often than this.
EVERY: Final = timedelta(seconds=20)
# With the timer, which comes each minute, this keeps the five minutes.
LATE: Final = timedelta(minutes=3, seconds=30)
# LiveKit forgets what ended a day ago; and it may not know yet of what has just begun.
FORGETS: Final = timedelta(hours=24)
NEW: Final = timedelta(minutes=1)
LATER: Final = timedelta(minutes=10)


def sweep(now: datetime | None = None) -> int:
    """Ask about every recording that is due, and see to calls that should be recorded and are not.

    Return how many recordings were due.
    """
    moment, until = now or timezone.now(), time.monotonic() + SECONDS
    due: list[Recording] = []
    if livekit.configured():
        due = list(_due(moment)[:AT_ONCE])
    answers = True
    for recording in due:
        answers = answers and time.monotonic() < until
        # It may be deleted meanwhile, with its call: then there is nothing to know of it.
        with contextlib.suppress(Recording.DoesNotExist):
            if not _brought_up(recording, ask=answers):
                answers = False
    if not answers:
        return len(due)
    for call_id in _unrecorded(moment)[:AT_ONCE]:
        if time.monotonic() < until:
            starting.begin(call_id)
    return len(due)


def check(recording: Recording) -> str:
    """Bring one recording to what LiveKit and the storage say; return its state afterwards."""
    _brought_up(recording, ask=True)
    recording.refresh_from_db()
    return str(recording.state)


def _brought_up(recording: Recording, *, ask: bool) -> bool:
    """Ask, and end what is late whether that was answered or not; False when LiveKit does not
    answer.
    """
    answers = True
    if ask:
        answers = _asked(recording)
    recording.refresh_from_db()
    if recording.state in UNDER_WAY and _is_late(recording.call):
        _at_the_latest(recording)
    return answers


def _asked(recording: Recording) -> bool:
    if recording.state not in UNDER_WAY and recording.reason not in reasons.WITHOUT_NEWS:
        return True
    try:
        _ask(recording, recording.call)
    except VendorError:
        return False
    return True


def _ask(recording: Recording, call: Call) -> None:
    if recording.state in UNDER_WAY and not recording.egress_id:
        starting.resume(recording, call)
        return
    Recording.objects.filter(pk=recording.pk).update(checked_at=timezone.now())
    if recording.egress_status in shapes.OVER:
        _look(recording)
        return
    known = _recorder(recording, call)
    if known is None:
        _forgotten(recording)
        return
    changed = states.apply(known)
    if changed is not None and states.awaits_file(changed):
        ending.settle(changed.pk)
    elif not known.is_over and not starting.wanted(call):
        ending.stop(recording, call)


def _recorder(recording: Recording, call: Call) -> livekit.Egress | None:
    """Find its recorder by its id.

    A recording that failed before it had an id may have been recorded after all.
    """
    if not recording.egress_id:
        return starting.recorder_of(recording, call)
    found = starting.server(call).list_egress(egress_id=recording.egress_id)
    return next((egress for egress in found if egress.egress_id == recording.egress_id), None)


def _forgotten(recording: Recording) -> None:
    """Let the storage decide about what LiveKit knows nothing of.

    What has just begun may not have come round to LiveKit yet.
    """
    if recording.created_at < timezone.now() - NEW:
        _look(recording)


def _look(recording: Recording) -> None:
    if states.awaits_file(recording):
        ending.settle(recording.pk)
        return
    seen = storage.Seen(storage.GONE)
    try:
        if storage.configured():
            seen = storage.look(recording.bucket, recording.key)
    except VendorError:
        return
    ending.by_what_was_seen(recording, seen, reasons.LOST)


def _at_the_latest(recording: Recording) -> None:
    """Close what has run out of time: the file that the storage has counts, and where it has none
    it is late.
    """
    if recording.egress_status in shapes.OVER:
        ending.settle(recording.pk)
        return
    reason = reasons.NOT_STARTED
    if recording.egress_id:
        reason = reasons.LATE
    states.raise_to(recording, State.FAILED, reason, checked_at=timezone.now())


def _is_late(call: Call) -> bool:
    if call.status != Call.Status.COMPLETED:
        return False
    return call.ended_at is None or call.ended_at < timezone.now() - LATE


def _due(now: datetime) -> QuerySet[Recording]:
    """Return those under way, longest unasked first; and those without news, more rarely."""
    under_way = Q(state__in=UNDER_WAY) & turns.due(now, EVERY)
    without_news = Q(
        state=State.FAILED,
        reason__in=reasons.WITHOUT_NEWS,
        created_at__gt=now - FORGETS,
        deleted_at=None,
    )
    due = Recording.objects.filter(under_way | (without_news & turns.due(now, LATER)))
    related = due.select_related("call__organization__settings")
    return related.order_by(F("checked_at").asc(nulls_first=True), "pk")


def _unrecorded(now: datetime) -> QuerySet[Call, UUID]:
    """Return calls that go on without anything that records them, where recording is on."""
    ongoing = Call.objects.filter(
        source=Call.Source.NATIVE, status=Call.Status.ONGOING, started_at__lte=now
    )
    off = Q(organization__settings__call_recording_enabled=False)
    recorded = Recording.objects.filter(state__in=UNDER_WAY).values("call_id")
    return (
        ongoing.exclude(off)
        .exclude(pk__in=recorded)
        .order_by("started_at")
        .values_list("pk", flat=True)
    )
