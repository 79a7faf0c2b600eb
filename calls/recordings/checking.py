"""The truth about recordings, asked on a timer: every webhook may be lost, and each still comes to its end.

Whatever LiveKit and the storage say by then, five minutes after the end of its call a recording is in a final state.
One that failed for want of news is asked about for a day longer, and what comes then makes it good.
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
# What is left when this time is over is first the next minute.
SECONDS: Final = 50
# Nobody asks about one more often than this.
EVERY: Final = timedelta(seconds=20)
# Within five minutes: the timer comes each minute.
LATE: Final = timedelta(minutes=3, seconds=30)
# LiveKit forgets what ended a day ago; until then it may not know of one that has just begun.
FORGETS: Final = timedelta(hours=24)
NEW: Final = timedelta(minutes=1)
LATER: Final = timedelta(minutes=10)


def sweep(now: datetime | None = None) -> int:
    """Ask about every recording that is due, and see to calls that should be recorded and are not; how many."""
    moment, until = now or timezone.now(), time.monotonic() + SECONDS
    due = list(_due(moment)[:AT_ONCE]) if livekit.configured() else []
    answers = True
    for recording in due:
        answers = answers and time.monotonic() < until
        # Deleted meanwhile, with its call: then there is nothing to know of it.
        with contextlib.suppress(Recording.DoesNotExist):
            answers = _brought_up(recording, ask=answers) and answers
    for call_id in _unrecorded(moment)[: AT_ONCE if answers else 0]:
        if time.monotonic() < until:
            starting.begin(call_id)
    return len(due)


def check(recording: Recording) -> str:
    """Bring one recording to what LiveKit and the storage say; its state afterwards."""
    _brought_up(recording, ask=True)
    recording.refresh_from_db()
    return str(recording.state)


def _brought_up(recording: Recording, *, ask: bool) -> bool:
    """Ask, and end what is late whether that was answered or not; False when LiveKit does not answer."""
    answers = True
    if ask and (recording.state in UNDER_WAY or recording.reason in reasons.WITHOUT_NEWS):
        try:
            _ask(recording, recording.call)
        except VendorError:
            answers = False
    recording.refresh_from_db()
    if recording.state in UNDER_WAY and _is_late(recording.call):
        _at_the_latest(recording)
    return answers


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
    """By its id; a recording that failed before it had one may have been recorded after all."""
    if not recording.egress_id:
        return starting.recorder_of(recording, call)
    found = starting.server(call).list_egress(egress_id=recording.egress_id)
    return next((egress for egress in found if egress.egress_id == recording.egress_id), None)


def _forgotten(recording: Recording) -> None:
    """LiveKit knows nothing of it: the storage decides. What has just begun may not have come round to LiveKit yet."""
    if recording.created_at < timezone.now() - NEW:
        _look(recording)


def _look(recording: Recording) -> None:
    if states.awaits_file(recording):
        ending.settle(recording.pk)
        return
    try:
        seen = storage.look(recording.bucket, recording.key) if storage.configured() else storage.Seen(storage.GONE)
    except VendorError:
        return
    ending.by_what_was_seen(recording, seen, reasons.LOST)


def _at_the_latest(recording: Recording) -> None:
    """Time is up: the file that is there counts, and where there is none yet it is late."""
    if recording.egress_status in shapes.OVER:
        ending.settle(recording.pk)
        return
    reason = reasons.LATE if recording.egress_id else reasons.NOT_STARTED
    states.raise_to(recording, State.FAILED, reason, checked_at=timezone.now())


def _is_late(call: Call) -> bool:
    over = call.status == Call.Status.COMPLETED
    return over and (call.ended_at is None or call.ended_at < timezone.now() - LATE)


def _due(now: datetime) -> QuerySet[Recording]:
    """Those under way, longest unasked first; and those without news, more rarely."""
    under_way = Q(state__in=UNDER_WAY) & turns.due(now, EVERY)
    without_news = Q(state=State.FAILED, reason__in=reasons.WITHOUT_NEWS, created_at__gt=now - FORGETS, deleted_at=None)
    due = Recording.objects.filter(under_way | (without_news & turns.due(now, LATER)))
    related = due.select_related("call__organization__settings")
    return related.order_by(F("checked_at").asc(nulls_first=True), "pk")


def _unrecorded(now: datetime) -> QuerySet[Call, UUID]:
    """Calls that are being held without anything that records them, where recording is on."""
    ongoing = Call.objects.filter(source=Call.Source.NATIVE, status=Call.Status.ONGOING, started_at__lte=now)
    off = Q(organization__settings__call_recording_enabled=False)
    recorded = Recording.objects.filter(state__in=UNDER_WAY).values("call_id")
    return ongoing.exclude(off).exclude(pk__in=recorded).order_by("started_at").values_list("pk", flat=True)
