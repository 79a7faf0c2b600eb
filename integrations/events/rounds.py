"""What is due, worked off: several endpoints at a time, at each a few messages side by side.

One worker has an endpoint at a time, by a conditional update that runs out should the worker die; so a slow endpoint
costs one worker, and its messages are never more at once than it may have. Which messages go is `core.outbox`'s claim:
none is sent by two. The order of events is not promised. After three failures in a row an endpoint is left until the
next round, and one that fails gets one message at a time until it takes one.
"""

import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connections
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.events import endpoints, noting
from integrations.events.endpoints import Target
from integrations.events.owing import OUTBOX
from integrations.events.sending import Result, send, target_of
from integrations.models import Delivery, EventEndpoint, Integration

logger = structlog.get_logger(__name__)

SECONDS: Final = 50.0
# Messages on their way: in all, and at one endpoint.
AT_ONCE: Final = 32
SIDE_BY_SIDE: Final = 8
LANES: Final = 16
CLAIMED_AT_ONCE: Final = 64
FAILURES: Final = 3
# Longer than a round and its last message take.
BUSY: Final = timedelta(minutes=2)
LOOK_AGAIN: Final = 0.25
CUT_OFF: Final = "The last attempt was cut off."
# How often it is written down that an endpoint works.
TOLD_EVERY: Final = 30.0


@dataclass
class Lane:
    """One endpoint in this worker's hands."""

    integration: Integration
    target: "Target | Result"
    room: int
    is_off: bool
    queue: deque[Delivery] = field(default_factory=deque)
    in_flight: int = 0
    failures: int = 0
    is_over: bool = False
    told_at: float = float("-inf")
    # When nothing more was due for it.
    empty_at: float = float("-inf")

    @property
    def pk(self) -> UUID:
        return self.integration.pk


def deliver(seconds: float = SECONDS) -> int:
    """Work off what is due, for so long at most; return how many messages were taken."""
    OUTBOX.give_up_on_the_lost(CUT_OFF)
    return Round(seconds).run()


class Round:
    """One worker's turn."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._lanes: dict[UUID, Lane] = {}
        self._left: set[UUID] = set()
        self._flying: dict[Future[Result], tuple[Lane, Delivery]] = {}
        self._taken = 0
        self._looked = float("-inf")

    def run(self) -> int:
        """Work until nothing is due that this worker may have, or its time is over."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="events-out") as pool:
            try:
                # Twice: what came while the last endpoint was let go of has nobody else to look at it.
                while self._begin(pool) or self._begin(pool):
                    self._gather()
            finally:
                for lane in list(self._lanes.values()):
                    self._close(lane)
        return self._taken

    def _begin(self, pool: ThreadPoolExecutor) -> bool:
        """Send what there is room for; tell whether anything is on its way."""
        if time.monotonic() < self._until:
            self._open_lanes()
        for lane in list(self._lanes.values()):
            self._fill(lane)
            while self._has_room(lane):
                delivery = lane.queue.popleft()
                lane.in_flight += 1
                self._flying[pool.submit(_sent, lane.target, delivery)] = lane, delivery
            if not lane.in_flight and not lane.queue:
                self._close(lane)
        return bool(self._flying)

    def _has_room(self, lane: Lane) -> bool:
        if not lane.queue or lane.in_flight >= lane.room or len(self._flying) >= AT_ONCE:
            return False
        if time.monotonic() < self._until:
            return True
        self._leave(lane)
        return False

    def _open_lanes(self) -> None:
        """Take endpoints that something is due for and nobody else has."""
        is_soon = time.monotonic() - self._looked < LOOK_AGAIN
        if len(self._lanes) >= LANES or (is_soon and self._lanes):
            return
        self._looked = time.monotonic()
        for pk in _waiting(exclude={*self._lanes, *self._left})[: LANES - len(self._lanes)]:
            lane = _taken_over(pk)
            if lane is not None:
                self._lanes[pk] = lane

    def _fill(self, lane: Lane) -> None:
        if lane.is_over or len(lane.queue) >= lane.room or time.monotonic() >= self._until:
            return
        if lane.in_flight and time.monotonic() - lane.empty_at < LOOK_AGAIN:
            return
        claimed = OUTBOX.claim_some(_due(lane.pk), CLAIMED_AT_ONCE)
        if len(claimed) < CLAIMED_AT_ONCE:
            lane.empty_at = time.monotonic()
        rows = Delivery.objects.select_related("event").in_bulk(claimed)
        lane.queue.extend(rows[pk] for pk in claimed if pk in rows)

    def _gather(self) -> None:
        """Wait for answers, and write down what came of all that are there."""
        over, _still = wait(self._flying, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
        results = []
        for future in over:
            lane, delivery = self._flying.pop(future)
            lane.in_flight -= 1
            results.append((lane, delivery, future.result()))
        noting.note([(delivery, result) for _lane, delivery, result in results])
        for lane, _delivery, result in results:
            self._learn(lane, result)

    def _learn(self, lane: Lane, result: Result) -> None:
        if result.error is None:
            self._taken += 1
            lane.failures, lane.room = 0, SIDE_BY_SIDE
            if lane.is_off or time.monotonic() - lane.told_at > TOLD_EVERY:
                lane.is_off, lane.told_at = False, time.monotonic()
                noting.works(lane.integration)
            return
        lane.failures += 1
        lane.is_off = True
        noting.fails(lane.integration, result)
        if result.is_gone or result.retry_after or lane.failures >= FAILURES:
            self._leave(lane)

    def _leave(self, lane: Lane) -> None:
        """Try nothing more at this endpoint in this round."""
        lane.is_over = True
        self._left.add(lane.pk)
        OUTBOX.give_back([delivery.pk for delivery in lane.queue])
        lane.queue.clear()

    def _close(self, lane: Lane) -> None:
        """Let go of an endpoint, with what was claimed for it and not begun."""
        OUTBOX.give_back([delivery.pk for delivery in lane.queue])
        EventEndpoint.objects.filter(pk=lane.pk).update(busy_until=timezone.now())
        self._lanes.pop(lane.pk, None)


def _due(integration_id: UUID) -> QuerySet[Any]:
    return OUTBOX.due().filter(integration_id=integration_id)


def _free() -> Q:
    now = timezone.now()
    is_free = Q(busy_until=None) | Q(busy_until__lte=now)
    return is_free & (Q(rest_until=None) | Q(rest_until__lte=now)) & Q(integration__is_active=True)


def _waiting(exclude: Iterable[UUID]) -> list[UUID]:
    """Return endpoints that may be called and for which something is due, those that waited longest first."""
    due = OUTBOX.due().filter(integration_id=OuterRef("pk"))
    rows = EventEndpoint.objects.filter(_free(), Exists(due)).exclude(pk__in=list(exclude))
    return list(rows.order_by(F("busy_until").asc(nulls_first=True)).values_list("pk", flat=True)[:LANES])


def _taken_over(pk: UUID) -> Lane | None:
    """Take one for this worker; None where another was quicker, or where it may have no events any more."""
    free = EventEndpoint.objects.filter(_free(), pk=pk)
    if not free.update(busy_until=timezone.now() + BUSY):
        return None
    row = EventEndpoint.objects.select_related("integration__account", "integration__owner").get(pk=pk)
    integration = row.integration
    if not endpoints.may_hear(integration):
        noting.pause(integration, noting.NO_SIGHT, noting.NO_SIGHT_ADVICE)
        EventEndpoint.objects.filter(pk=pk).update(busy_until=timezone.now())
        return None
    is_off = row.failing_since is not None
    if row.paused_at is not None:
        noting.resume(integration)
    room = SIDE_BY_SIDE
    if is_off:
        room = 1
    return Lane(integration, target_of(integration), room, is_off)


def _sent(target: "Target | Result", delivery: Delivery) -> Result:
    """Send one message, in a thread of its own."""
    if isinstance(target, Result):
        return target
    try:
        return send(target, delivery.event, by="events out")
    finally:
        connections.close_all()
