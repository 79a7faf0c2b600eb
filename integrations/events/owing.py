"""The deliveries that are owed: how long they are tried, and owing them again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from core import vendors
from core.outbox import Outbox, Pauses
from integrations.events import endpoints
from integrations.models import Delivery, Integration

_MINUTES: Final = (1, 5, 30, 120, 360, 720, 1080, 1080, 1110)
# Ten attempts within 75 hours. Who asks for a longer rest has it, for a day at most.
PAUSES: Final = Pauses(
    [timedelta(minutes=minutes) for minutes in _MINUTES], spread=0.1, longest_asked=timedelta(days=1)
)
# Longer than a worker keeps a delivery that it has claimed.
OUTBOX: Final = Outbox(Delivery, PAUSES, lease=timedelta(minutes=3))
# Events are kept for so long, and can be sent again until then.
KEPT: Final = timedelta(days=30)

_RECOVER: Final = """
INSERT INTO integrations_delivery AS d
    (id, integration_id, event_id, state, attempts, next_attempt_at, error, tries, created_at)
SELECT gen_random_uuid(), %(integration)s, e.id, 'waiting', 0, %(now)s, '', '[]', e.created_at
FROM integrations_event e
WHERE e.organization_id = %(organization)s AND e.created_at >= %(since)s AND e.name = ANY(%(names)s)
    AND NOT e.is_sample
ORDER BY e.id
ON CONFLICT (integration_id, event_id) DO UPDATE
SET state = 'waiting', attempts = 0, next_attempt_at = %(now)s, error = '', sent_at = NULL
WHERE d.state = 'failed' OR (%(all)s AND d.state = 'sent') OR d.next_attempt_at > %(lease_ends)s
"""


def owe_since(integration: Integration, since: datetime, *, again: bool) -> int:
    """Owe an endpoint what happened since then and it subscribes to; return how many that is.

    With `again` also what it took already: it may have lost that. What waits is due at once.
    """
    now = timezone.now()
    values: dict[str, Any] = {
        "integration": integration.pk,
        "organization": integration.organization_id,
        "since": max(since, now - KEPT),
        "names": list(endpoints.chosen(vendors.plain(integration.account, endpoints.EVENTS))),
        "all": again,
        "now": now,
        "lease_ends": now + OUTBOX.lease,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECOVER, values)
        return int(cursor.rowcount)


def owe_again(integration: Integration, ids: Sequence[UUID]) -> int:
    """Owe some deliveries again, from the first attempt, whatever came of them; return how many."""
    now = timezone.now()
    over = Delivery.objects.filter(integration=integration, pk__in=ids).exclude(state=Delivery.State.WAITING)
    waiting = Delivery.objects.filter(integration=integration, pk__in=ids, state=Delivery.State.WAITING)
    # One that a worker has at this moment stays with it.
    moved = waiting.filter(next_attempt_at__gt=now + OUTBOX.lease).update(next_attempt_at=now)
    return moved + over.update(state=Delivery.State.WAITING, attempts=0, next_attempt_at=now, error="", sent_at=None)


def let_go(integration_id: UUID) -> int:
    """Make due at once what waits for an endpoint that answers again; what a worker has stays with it."""
    now = timezone.now()
    waiting = Delivery.objects.filter(integration_id=integration_id, state=Delivery.State.WAITING)
    return waiting.filter(next_attempt_at__gt=now + OUTBOX.lease).update(next_attempt_at=now)


def give_up(integration_id: UUID, error: str) -> int:
    """Give up what waits for an endpoint that wants no more."""
    waiting = Delivery.objects.filter(integration_id=integration_id, state=Delivery.State.WAITING)
    return waiting.update(state=Delivery.State.FAILED, error=error)
