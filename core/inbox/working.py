"""Working what is stored: each delivery to exactly one effect, whatever dies meanwhile.

1. Claim: one conditional UPDATE, committed, that says "an attempt began". It counts attempts even
   when they kill the worker, so that a delivery that does is given up in the end.
2. Work: in one transaction lock the row, call the handler, mark it processed. A crash rolls all
   of it back, and the sweep begins again when the claim has run out. Two workers cannot both get
   past the lock.

PostgreSQL alone decides; a Celery message only says where to look.
"""

import logging
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.dispatch import Signal
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core import incidents
from core.errors import VendorError
from core.ids import time_of
from core.inbox.sources import Source, source_named
from core.models import InboundEvent, Incident
from core.outbox import Pauses
from core.words.sayings import Saying

logger = logging.getLogger(__name__)

Status = InboundEvent.Status
MAX_RETRIES: Final = 3
SWEEP_SECONDS: Final = 50.0
SWEEP_ROWS: Final = 200
# Seconds between looks at a row that was claimed and is locked.
LOOK_AGAIN: Final = (0.002, 0.01, 0.05)

# An attempt that has begun keeps others off for the lease. It needs no flush of its own: lost with
# the server, the delivery is simply begun again. Rows that somebody is working on are skipped.
_CLAIM: Final = """
WITH due AS (
    SELECT id, received_at FROM webhook_events
    WHERE id = %(id)s AND received_at = %(at)s AND processing_status = 'pending'
        AND next_attempt_at <= statement_timestamp()
    FOR UPDATE SKIP LOCKED
)
UPDATE webhook_events AS event
SET retry_count = CASE WHEN claimed_at IS NULL THEN 0 ELSE LEAST(retry_count + 1, %(most)s) END,
    processing_status = CASE WHEN claimed_at IS NOT NULL AND retry_count >= %(most)s
        THEN 'failed' ELSE 'pending' END,
    processing_error = CASE WHEN claimed_at IS NOT NULL AND retry_count >= %(most)s THEN %(died)s
        ELSE processing_error END,
    claimed_at = statement_timestamp(), next_attempt_at = statement_timestamp() + %(lease)s
FROM due WHERE event.id = due.id AND event.received_at = due.received_at
RETURNING event.source, event.processing_status
"""
_DIED: Final = "The worker stopped every time it worked on this delivery."


# event: a delivery is worked, whatever came of it. Sent within its transaction.
ended: Final = Signal()


class GiveUp(Exception):
    """A handler's way to say that trying again will not help; its text is shown to people."""


def work(event_id: UUID) -> bool:
    """Work one delivery if it is due and nobody else has it; whether this call did."""
    claimed = _claim(event_id)
    if claimed is None:
        return False
    source_name, status = claimed
    if status == Status.FAILED:
        _report(source_name, _DIED)
        return True
    failure = _work_claimed(event_id)
    if failure:
        _report(source_name, failure)
    return True


def sweep(seconds: float = SWEEP_SECONDS) -> int:
    """Work what is due and was not worked, oldest first, for as long as given; how many."""
    until = time.monotonic() + seconds
    worked = 0
    while time.monotonic() < until:
        # None of them to be had: others are at work on them.
        if not (done := _work_until(_due(), until)):
            break
        worked += done
    _close_incidents()
    return worked


def _work_until(event_ids: list[UUID], until: float) -> int:
    worked = 0
    for event_id in event_ids:
        worked += work(event_id)
        if time.monotonic() >= until:
            break
    return worked


def _claim(event_id: UUID) -> tuple[str, str] | None:
    values: dict[str, Any] = {
        "id": event_id,
        "at": time_of(event_id),
        "most": MAX_RETRIES,
        "died": _DIED,
    }
    values["lease"] = timedelta(seconds=settings.WEBHOOK_LEASE_SECONDS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_CLAIM, values)
        found: tuple[str, str] | None = cursor.fetchone()
    return found


def _due() -> list[UUID]:
    waiting = InboundEvent.objects.filter(
        processing_status=Status.PENDING, next_attempt_at__lte=Now()
    )
    return list(waiting.order_by("next_attempt_at").values_list("id", flat=True)[:SWEEP_ROWS])


@transaction.atomic
def _work_claimed(event_id: UUID) -> str:
    """Run the handler and mark the row in one transaction;
    return what went wrong for good, or nothing.
    """
    event = _locked(event_id)
    if event is None:
        return ""
    source = source_named(event.source)
    if source is None:
        return _failed(event, f"No source is named {event.source} any more.", final=True)
    if not source.wants(event.event_type):
        _mark(event, Status.IGNORED)
        return ""
    try:
        with transaction.atomic():
            _handler(source)(event)
    except (GiveUp, VendorError) as error:
        text = str(getattr(error, "message", error))
        return _failed(event, text, final=isinstance(error, GiveUp))
    except Exception as error:  # a handler may fail in any way
        # The delivery keeps the reason and waits for its turn.
        logger.exception("The handler of %s failed on delivery %s", event.source, event.id)
        return _failed(event, _unexpected(error, event), final=False)
    _mark(event, Status.PROCESSED)
    return ""


def _locked(event_id: UUID) -> InboundEvent | None:
    """Return the claimed row; None when it is not pending any more,
    or somebody is still at work on it.

    One who came too late to claim it may hold it for an instant:
    that must not cost it a whole lease.

    One who came too late to claim it may hold it for an instant:
    that must not cost it a whole lease.
    """
    row = InboundEvent.objects.select_for_update(skip_locked=True)
    pending = row.filter(
        id=event_id, received_at=time_of(event_id), processing_status=Status.PENDING
    )
    for pause in (0, *LOOK_AGAIN):
        time.sleep(pause)
        if (event := pending.first()) is not None:
            return event
    return None


def _handler(source: Source) -> Callable[[InboundEvent], None]:
    handler: Callable[[InboundEvent], None] = import_string(source.handler)
    return handler


def _mark(event: InboundEvent, status: Status) -> None:
    ended.send(sender=None, event=event)
    _row(event).update(processing_status=status, processing_error="", processed_at=timezone.now())


def _failed(event: InboundEvent, reason: str, *, final: bool) -> str:
    """Wait longer after each failure; after the last retry, or when it is final,
    `failed` with the reason.
    """
    first = timedelta(seconds=settings.WEBHOOK_RETRY_SECONDS)
    pauses = Pauses.growing(first, MAX_RETRIES, factor=4, spread=0.2)
    pause = None
    if not final:
        pause = pauses.after(event.retry_count + 1)
    if pause is None:
        ended.send(sender=None, event=event)
        _row(event).update(processing_status=Status.FAILED, processing_error=reason)
        return reason
    _row(event).update(processing_error=reason, next_attempt_at=timezone.now() + pause)
    return ""


def _row(event: InboundEvent) -> Any:
    return InboundEvent.objects.filter(id=event.id, received_at=event.received_at)


def _unexpected(error: Exception, event: InboundEvent) -> str:
    """Tell where it went wrong, without the error's own text:
    that may quote a secret or a customer.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = ""
    if frames:
        place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}"
    return f"Unexpected error: {type(error).__name__}{place} (request id {event.request_id})"


def _report(source: str, reason: str) -> None:
    incidents.observe(
        _cause(source),
        ok=False,
        title=Saying(_("Webhook deliveries from %(source)s fail"), {"source": source}),
        what_to_do=_("Read the reason at the failed deliveries, repair it, and replay them."),
        facts={"source": source, "reason": reason},
    )


def _close_incidents() -> None:
    """Close an incident about a source once no failed delivery of its last day is left."""
    open_ones = Incident.objects.filter(closed_at=None, cause__startswith=_cause(""))
    causes = set(open_ones.values_list("cause", flat=True))
    if not causes:
        return
    since = timezone.now() - timedelta(days=1)
    failed = InboundEvent.objects.filter(processing_status=Status.FAILED, received_at__gte=since)
    for cause in causes - {
        _cause(source) for source in failed.values_list("source", flat=True).distinct()
    }:
        incidents.close(cause)


def _cause(source: str) -> str:
    return f"webhooks:{source}"
