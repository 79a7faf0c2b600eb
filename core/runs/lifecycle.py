"""Long work that people watch: worked by one worker at a time, ended in a state that says why.

    def work(run):                 # what a kind names (core.runs.kinds)
        for page in pages(run.start_from):
            run.add(counts={"fetched": len(page)}, outcomes=outcomes_of(page))
            run.progress(done=page.end)
            run.checkpoint({"cursor": page.cursor})
            if run.cancelled:
                return
        run.vouch(at_vendor=total, in_koppel=stored, left_out=reasons)

A worker that dies is noticed by its silence: the sweep queues its run again, which goes on from its
checkpoint. The attempt's number keeps a worker that was only slow from writing into a run that
another has taken over.

Runs of one lane (an account, say) go one after another in the order of their starts, whatever
their kinds: nobody is claimed while another of the lane runs, or waits before it. Whoever ends
calls the next.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import RateLimited, VendorError
from core.models import Run
from core.runs import kinds
from core.runs.attempt import LostRun, Work, columns
from core.runs.starting import of_its_lane, send
from core.words.sayings import Saying

logger = logging.getLogger(__name__)

State = Run.State
RESUMED_PER_SWEEP = 500
# A vendor that asks for a longer pause has refused.
LONGEST_WAIT: Final = 3600.0
GIVEN_UP = _(
    "Koppel was interrupted %(attempts)d times in a row before this got any further. What was done "
    "until then is kept."
)
UNKNOWN = _("This release of Koppel has no work of the kind “%(kind)s”. Nothing was done.")
UNEXPECTED = _("An unexpected error ended this. What was done until then is kept.")


@contextmanager
def work(run_id: UUID | str) -> Iterator[Work | None]:
    """Claim the run, keep its heart beating, and end it in the state that the block earned.

    Gives None when there is nothing to do, or not yet: its turn may not have come. Errors end here:
    a VendorError's message is shown to people; anything else is logged, and the run says only that
    it was unexpected. A database that went away ends nothing: the run goes back to the queue and on
    from its checkpoint. So does one that a vendor asks to wait, up to an hour: it keeps no worker.
    """
    claimed = _claim(run_id)
    if claimed is None:
        yield None
        return
    try:
        with claimed.heartbeat():
            yield claimed
    except LostRun:
        logger.warning("Run %s was taken over by another worker", run_id)
    except (OperationalError, InterfaceError):
        logger.exception("Run %s lost its database", run_id)
        _put_back(claimed)
    except RateLimited as error:
        _wait(claimed, error)
    except VendorError as error:
        _finish(claimed, State.FAILED, error.saying)
    except Exception:  # a run may fail in any way, and must say so instead of staying open
        logger.exception("Run %s failed", run_id)
        _finish(claimed, State.FAILED, _unexpected(claimed))
    else:
        _finish(claimed, *claimed.earned())


def execute(run_id: UUID | str) -> None:
    """Do the run's work as its kind says, unless another worker has it or its turn has not come."""
    with work(run_id) as claimed:
        if claimed is None:
            return
        kind = kinds.find(claimed.run.kind)
        if kind is None:
            claimed.fail(UNKNOWN, kind=claimed.run.kind)
            return
        body = import_string(kind.work)
        body(claimed)


def cancel(run: Run, actor: Any, request: Any = None) -> bool:
    """Ask the run and its children to stop; whether there was anything to stop.
    What is still queued ends at once.
    """
    with transaction.atomic():
        family = Run.objects.select_for_update().filter(
            Q(pk=run.pk) | Q(parent_id=run.pk), state__in=Run.OPEN
        )
        ids = list(family.order_by("pk").values_list("pk", flat=True))
        if not ids:
            return False
        Run.objects.filter(pk__in=ids, state=State.QUEUED).update(
            state=State.CANCELLED, cancel_requested=True, finished_at=Now()
        )
        Run.objects.filter(pk__in=ids, state=State.RUNNING).update(cancel_requested=True)
        for lane in (
            Run.objects.filter(pk__in=ids)
            .exclude(lane="")
            .values_list("lane", flat=True)
            .distinct()
        ):
            _call_next(lane)
        audit.record(
            "run.cancelled",
            actor=actor,
            request=request,
            target=run,
            organization_id=run.organization_id,
        )
    run.refresh_from_db()
    return True


def sweep() -> int:
    """Queue again what lost its worker or its message; end what has lost too many.
    Returns how many were queued.
    """
    silent_since = timezone.now() - timedelta(seconds=settings.RUN_SILENCE_SECONDS)
    silent = Run.objects.filter(heartbeat_at__lt=silent_since)
    died = silent.filter(state=State.RUNNING)
    died.filter(cancel_requested=True).update(state=State.CANCELLED, finished_at=Now())
    died.filter(attempts_in_vain__gte=settings.RUN_ATTEMPTS).update(
        state=State.FAILED,
        finished_at=Now(),
        **columns(Saying(GIVEN_UP, {"attempts": settings.RUN_ATTEMPTS})),
    )
    died.update(state=State.QUEUED)
    lost = Q(heartbeat_at__lt=silent_since, waits_until=None)
    due = Run.objects.filter(lost | Q(waits_until__lte=Now()), _its_turn(), state=State.QUEUED)
    queued = list(due.order_by("heartbeat_at")[:RESUMED_PER_SWEEP])
    Run.objects.filter(pk__in=[run.pk for run in queued], state=State.QUEUED).update(
        heartbeat_at=Now(), waits_until=None
    )
    for run in queued:
        send(run)
    return len(queued)


def _claim(run_id: UUID | str) -> Work | None:
    """Claim by one conditional update: of two workers with the same message one gets nothing."""
    try:
        with transaction.atomic():
            taken = Run.objects.filter(_awake(), _its_turn(), pk=run_id, state=State.QUEUED).update(
                state=State.RUNNING,
                waits_until=None,
                attempts=F("attempts") + 1,
                attempts_in_vain=F("attempts_in_vain") + 1,
                started_at=Coalesce("started_at", Now()),
                heartbeat_at=Now(),
            )
    except IntegrityError:
        # Another of its lane began in the same moment, and calls this one when it ends.
        return None
    if not taken:
        return None
    run = Run.objects.get(pk=run_id)
    return Work(run)


def _awake() -> Q:
    return Q(waits_until=None) | Q(waits_until__lte=Now())


def _its_turn() -> Q:
    """Find, of runs in a lane, the first one, unless another of the lane runs."""
    return Q(lane="") | ~Q(Exists(of_its_lane(OuterRef("lane"), OuterRef("pk"))))


def _call_next(lane: str) -> None:
    """Send the first of this lane, where its turn has come. A hint, like each message:
    the sweep finds it too.
    """
    waiting = Run.objects.filter(_awake(), _its_turn(), lane=lane, state=State.QUEUED)
    for run in waiting.exclude(lane="").order_by("pk")[:1]:
        send(run)


def _finish(claimed: Work, state: Run.State, error: Saying | None) -> None:
    try:
        claimed.finish(state, error)
        _call_next(claimed.run.lane)
    except LostRun:
        logger.warning("Run %s was taken over by another worker before its end", claimed.run.pk)


def _wait(claimed: Work, error: RateLimited) -> None:
    if error.retry_after > LONGEST_WAIT:
        _finish(claimed, State.FAILED, error.saying)
        return
    try:
        if not claimed.wait(error.retry_after):
            _call_next(claimed.run.lane)
    except LostRun:
        logger.warning("Run %s was taken over by another worker before its pause", claimed.run.pk)


def _put_back(claimed: Work) -> None:
    """Put it back at best now; else the sweep does it when the heartbeat has been silent
    for long enough.
    """
    try:
        connection.close_if_unusable_or_obsolete()
        if claimed.attempts_in_vain() >= settings.RUN_ATTEMPTS:
            _finish(claimed, State.FAILED, _unexpected(claimed))
        else:
            claimed.put_back()
    except (DatabaseError, LostRun):
        logger.warning("Run %s could not be put back, the sweep will", claimed.run.pk)


def _unexpected(claimed: Work) -> Saying:
    context = structlog.contextvars.get_contextvars()
    reference = context.get("request_id") or claimed.run.pk
    return Saying(UNEXPECTED, {"id": reference})
