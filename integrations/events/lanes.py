"""Endpoints in a worker's hands: taken by one, let go of, and how many messages
go to each side by side.
"""

import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.events import endpoints, noting
from integrations.events.endpoints import Target
from integrations.events.owing import OUTBOX
from integrations.events.sending import Result, target_of
from integrations.models import Delivery, EventEndpoint, Integration

# Messages on their way: in all, and at one endpoint.
AT_ONCE: Final = 32
SIDE_BY_SIDE: Final = 8
FEWEST: Final = 2
# An endpoint that answers within so many milliseconds is quick.
QUICK: Final = 500
FAILURES: Final = 3
# How many endpoints a worker has, and how many workers are at it: the others have other work to do.
LANES: Final = AT_ONCE // FEWEST
WORKERS: Final = 2
# Longer than a round and its last message take.
BUSY: Final = timedelta(minutes=2)
# So long one may be had while others wait for its place.
PATIENCE: Final = 5.0
# How often it is looked whether one that is had may still be called, where, and with which secret.
LOOKED_AT_EVERY: Final = 2.0
# How often it is written down that an endpoint works.
NOTED_EVERY: Final = 30.0


@dataclass
class Lane:
    """One endpoint in this worker's hands."""

    integration: Integration
    target: "Target | Result"
    is_off: bool
    queue: deque[Delivery] = field(default_factory=deque)
    in_flight: int = 0
    failures: int = 0
    is_quick: bool = False
    is_over: bool = False
    noted_at: float = float("-inf")
    # When nothing more was due for it.
    empty_at: float = float("-inf")
    taken_at: float = field(default_factory=time.monotonic)
    looked_at: float = field(default_factory=time.monotonic)

    @property
    def pk(self) -> UUID:
        return self.integration.pk

    def room(self, lanes: int) -> int:
        """Return how many messages may be on their way to it, beside so many lanes.

        One while it fails; a quick one's are over soon; slow ones share half of what there is,
        so that one that comes after them finds room.
        """
        if self.is_off:
            return 1
        if self.is_quick:
            return SIDE_BY_SIDE
        return max(FEWEST, min(SIDE_BY_SIDE, AT_ONCE // 2 // max(lanes, 1)))

    def learn(self, result: Result, event_at: datetime) -> bool:
        """Note what came of a message of that moment; tell whether nothing more is to be tried
        at it in this round.
        """
        if result.error is not None:
            self.failures += 1
            self.is_off = True
            noting.fails(self.integration, result, event_at)
            return result.is_gone or bool(result.retry_after) or self.failures >= FAILURES
        self.failures = 0
        self.is_quick = result.ms <= QUICK
        if self.is_off or time.monotonic() - self.noted_at > NOTED_EVERY:
            self.is_off, self.noted_at = False, time.monotonic()
            noting.works(self.integration)
        return False


def waiting(exclude: Collection[UUID], most: int) -> list[UUID]:
    """Return endpoints that may be called and that something is owed to,
    those that waited longest first.
    """
    due = Q(Exists(OUTBOX.due().filter(integration_id=OuterRef("pk"))))
    # One that was paused and is on again is owed what happened meanwhile.
    rows = EventEndpoint.objects.filter(_free(), due | Q(paused_at__isnull=False)).exclude(
        pk__in=exclude
    )
    return list(
        rows.order_by(F("busy_until").asc(nulls_first=True)).values_list("pk", flat=True)[:most]
    )


def is_worked(worker: UUID) -> bool:
    """Tell whether enough others are at it."""
    busy = EventEndpoint.objects.filter(busy_until__gt=timezone.now()).exclude(busy_by=worker)
    return busy.order_by().values("busy_by").distinct().count() >= WORKERS


def take(pk: UUID, worker: UUID) -> Lane | None:
    """Take one for this worker; None where another was quicker, or where it may have
    no events any more.
    """
    free = EventEndpoint.objects.filter(_free(), pk=pk)
    if not free.update(busy_until=timezone.now() + BUSY, busy_by=worker):
        return None
    row = EventEndpoint.objects.select_related("integration__account", "integration__owner").get(
        pk=pk
    )
    integration = row.integration
    if not endpoints.may_hear(integration):
        noting.pause(integration, noting.NO_SIGHT, noting.NO_SIGHT_ADVICE)
        release(pk, worker)
        return None
    if row.paused_at is not None:
        noting.resume(integration)
    # One whose last attempt ended with its worker is not tried for ever.
    noting.cut_off(list(due(pk).filter(attempts__gte=OUTBOX.pauses.attempts)))
    return Lane(integration, target_of(integration), row.failing_since is not None)


def is_still_on(lane: Lane) -> bool:
    """Tell whether one that is had may still be called, and have what was entered
    of it meanwhile.
    """
    if time.monotonic() - lane.looked_at < LOOKED_AT_EVERY:
        return True
    lane.looked_at = time.monotonic()
    rows = Integration.objects.select_related("account", "owner")
    integration = rows.filter(pk=lane.pk, is_active=True).first()
    if integration is None or not endpoints.may_hear(integration):
        return False
    lane.integration, lane.target = integration, target_of(integration)
    return True


def release(pk: UUID, worker: UUID) -> None:
    """Let go of one that is this worker's."""
    EventEndpoint.objects.filter(pk=pk, busy_by=worker).update(
        busy_until=timezone.now(), busy_by=None
    )


def due(pk: UUID) -> QuerySet[Any]:
    """Return what is due for one of them."""
    return OUTBOX.due().filter(integration_id=pk)


def _free() -> Q:
    now = timezone.now()
    is_free = Q(busy_until=None) | Q(busy_until__lte=now)
    return is_free & (Q(rest_until=None) | Q(rest_until__lte=now)) & Q(integration__is_active=True)
