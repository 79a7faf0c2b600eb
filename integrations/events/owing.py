"""The deliveries that are owed: how long they are tried, and owing them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from core import vendors
from core.outbox import Outbox, Pauses
from integrations.events import endpoints
from integrations.models import Delivery, Event, Integration

_MINUTES: Final = (1, 5, 30, 120, 360, 720, 1080, 1080, 1110)
# Ten attempts within 75 hours. Who asks for a longer rest has it, for a day at most.
PAUSES: Final = Pauses(
    [timedelta(minutes=minutes) for minutes in _MINUTES],
    spread=0.1,
    longest_asked=timedelta(days=1),
)
# Longer than a worker keeps a delivery that it has claimed.
OUTBOX: Final = Outbox(Delivery, PAUSES, lease=timedelta(minutes=3))
# Events are kept for so long, and can be sent again until then.
KEPT: Final = timedelta(days=30)

# As many events are looked at in one statement.
PART: Final = 5_000

_OWE: Final = """
WITH part AS (
    SELECT id, created_at FROM integrations_event
    WHERE organization_id = %(organization)s AND created_at BETWEEN %(since)s AND %(until)s
        AND (created_at, id) > (%(after_time)s, %(after_id)s) AND name = ANY(%(names)s)
        AND NOT is_sample
    ORDER BY created_at, id LIMIT %(part)s
), owed AS (
    INSERT INTO integrations_delivery AS d
        (id, integration_id, event_id, state, attempts, next_attempt_at, error, tries, created_at)
    SELECT gen_random_uuid(), %(integration)s, id, 'waiting', 0, %(now)s, '', '[]', created_at
    FROM part ORDER BY id
    ON CONFLICT (integration_id, event_id) DO UPDATE
    SET state = 'waiting', attempts = 0, next_attempt_at = %(now)s, error = '', sent_at = NULL
    WHERE d.state = 'failed' OR (%(all)s AND d.state = 'sent') OR d.next_attempt_at > %(lease_ends)s
    RETURNING 1
)
SELECT (SELECT count(*) FROM part), (SELECT count(*) FROM owed), created_at, id
FROM part ORDER BY created_at DESC, id DESC LIMIT 1
"""
NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when events are owed. With `again` also those that were taken already:
    they may have been lost.
    """

    since: datetime
    until: datetime
    again: bool

    def events_of(self, integration: Integration) -> QuerySet[Event]:
        """Return the events of this span that an endpoint subscribes to."""
        return Event.objects.filter(
            organization_id=integration.organization_id,
            created_at__range=(self.since, self.until),
            name__in=_names(integration),
            is_sample=False,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one part of a span, and after which event the next begins."""

    events: int
    owed: int
    after_time: datetime
    after_id: UUID


def owe_part(
    integration: Integration, span: Span, after: tuple[datetime, UUID] | None
) -> Part | None:
    """Owe an endpoint the next events of a span; None where there are no more.
    What waits is due at once.
    """
    now = timezone.now()
    after_time, after_id = after or (span.since, NIL)
    values: dict[str, Any] = {
        "integration": integration.pk,
        "organization": integration.organization_id,
        "since": span.since,
        "until": span.until,
        "after_time": after_time,
        "after_id": after_id,
        "names": list(_names(integration)),
        "all": span.again,
        "part": PART,
        "now": now,
        "lease_ends": now + OUTBOX.lease,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWE, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return Part(*row)


def _names(integration: Integration) -> Sequence[str]:
    return endpoints.chosen(vendors.plain(integration.account, endpoints.EVENTS))


def owe_again(integration: Integration, ids: Sequence[UUID]) -> int:
    """Owe some deliveries again, from the first attempt, whatever came of them; return how many."""
    now = timezone.now()
    over = Delivery.objects.filter(integration=integration, pk__in=ids).exclude(
        state=Delivery.State.WAITING
    )
    waiting = Delivery.objects.filter(
        integration=integration, pk__in=ids, state=Delivery.State.WAITING
    )
    # One that a worker has at this moment stays with it.
    moved = waiting.filter(next_attempt_at__gt=now + OUTBOX.lease).update(next_attempt_at=now)
    return moved + over.update(
        state=Delivery.State.WAITING, attempts=0, next_attempt_at=now, error="", sent_at=None
    )


def let_go(integration_id: UUID) -> int:
    """Make due at once what waits for an endpoint that answers again;
    what a worker has stays with it.
    """
    now = timezone.now()
    waiting = Delivery.objects.filter(integration_id=integration_id, state=Delivery.State.WAITING)
    return waiting.filter(next_attempt_at__gt=now + OUTBOX.lease).update(next_attempt_at=now)


def give_up(integration_id: UUID, error: str) -> int:
    """Give up what waits for an endpoint that wants no more."""
    waiting = Delivery.objects.filter(integration_id=integration_id, state=Delivery.State.WAITING)
    return waiting.update(state=Delivery.State.FAILED, error=error)
