"""What is due, worked off: several endpoints at a time, at each a few messages side by side.

One worker has an endpoint at a time, by a conditional update that runs out should the worker die;
so a slow endpoint costs a few messages' room, and never more than it may have. Which messages go
is `core.outbox`'s claim: none is sent by two. The order of events is not promised. After three
failures in a row an endpoint is left until the next round, and one that fails gets one message at
a time until it takes one. Where more endpoints wait than a worker may have, those that it had
longest make place.
"""

import time
import uuid
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final
from uuid import UUID

from django.db import connections

from integrations.events import hints, lanes, noting
from integrations.events.endpoints import Target
from integrations.events.lanes import AT_ONCE, Lane
from integrations.events.owing import OUTBOX
from integrations.events.sending import Result, send
from integrations.models import Delivery

SECONDS: Final = 50.0
CLAIMED_AT_ONCE: Final = 64
LOOK_AGAIN: Final = 0.25


def deliver(seconds: float = SECONDS) -> int:
    """Work off what is due, for so long at most; return how many messages were taken."""
    hints.take_up()
    turn = Round(seconds)
    taken = turn.run()
    if turn.is_late:
        hints.send()
    return taken


class Round:
    """One worker's turn."""

    def __init__(self, seconds: float) -> None:
        self._worker = uuid.uuid4()
        self._until = time.monotonic() + seconds
        self._lanes: dict[UUID, Lane] = {}
        self._left: set[UUID] = set()
        self._flying: dict[Future[Result], tuple[Lane, Delivery]] = {}
        self._taken = 0
        self._looked = float("-inf")

    def run(self) -> int:
        """Work until nothing is due that this worker may have, or its time is over."""
        if lanes.is_worked(self._worker):
            return 0
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="events-out") as pool:
            try:
                # Twice: what came while the last endpoint was let go of has nobody
                # else to look at it.
                while self._begin(pool) or self._begin(pool):
                    self._gather()
            finally:
                for lane in list(self._lanes.values()):
                    self._close(lane)
        return self._taken

    @property
    def is_late(self) -> bool:
        return time.monotonic() >= self._until

    def _begin(self, pool: ThreadPoolExecutor) -> bool:
        """Send what there is room for; tell whether anything is on its way."""
        if not self.is_late:
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
        if (
            not lane.queue
            or lane.in_flight >= lane.room(len(self._lanes))
            or len(self._flying) >= AT_ONCE
        ):
            return False
        if not self.is_late:
            return True
        self._leave(lane)
        return False

    def _open_lanes(self) -> None:
        """Take endpoints that something is due for and nobody else has."""
        is_soon = time.monotonic() - self._looked < LOOK_AGAIN
        if is_soon and self._lanes:
            return
        self._looked = time.monotonic()
        room = lanes.LANES - len(self._lanes)
        waiting = lanes.waiting({*self._lanes, *self._left}, lanes.LANES)
        for pk in waiting[:room]:
            lane = lanes.take(pk, self._worker)
            if lane is not None:
                self._lanes[pk] = lane
        self._make_place(len(waiting[room:]))

    def _make_place(self, wanted: int) -> None:
        """Come to an end with those that were had longest, for as many as wait for a place;
        their turn comes again.
        """
        long_ago = time.monotonic() - lanes.PATIENCE
        had_long = [
            lane for lane in self._lanes.values() if lane.taken_at < long_ago and not lane.is_over
        ]
        for lane in had_long[:wanted]:
            self._finish(lane)

    def _fill(self, lane: Lane) -> None:
        """Claim what is due for an endpoint, as far as this worker has none of it any more."""
        if not lane.is_over and not lanes.is_still_on(lane):
            self._leave(lane)
        if lane.is_over or self.is_late or len(lane.queue) >= lanes.SIDE_BY_SIDE:
            return
        if lane.in_flight and time.monotonic() - lane.empty_at < LOOK_AGAIN:
            return
        most = CLAIMED_AT_ONCE
        if not lane.is_quick:
            most = lanes.SIDE_BY_SIDE
        claimed = OUTBOX.claim_some(lanes.due(lane.pk), most)
        if len(claimed) < most:
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
        for lane, delivery, result in results:
            self._taken += result.error is None
            if lane.learn(result, delivery.created_at):
                self._leave(lane)

    def _leave(self, lane: Lane) -> None:
        """Try nothing more at this endpoint in this round."""
        self._left.add(lane.pk)
        self._finish(lane)

    def _finish(self, lane: Lane) -> None:
        lane.is_over = True
        OUTBOX.give_back([delivery.pk for delivery in lane.queue])
        lane.queue.clear()

    def _close(self, lane: Lane) -> None:
        """Let go of an endpoint, with what was claimed for it and not begun."""
        OUTBOX.give_back([delivery.pk for delivery in lane.queue])
        lanes.release(lane.pk, self._worker)
        self._lanes.pop(lane.pk, None)


def _sent(target: "Target | Result", delivery: Delivery) -> Result:
    """Send one message, in a thread of its own."""
    if isinstance(target, Result):
        return target
    try:
        return send(target, delivery.event, by="events out")
    finally:
        connections.close_all()
