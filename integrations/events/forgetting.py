"""Events and their deliveries go after 30 days, some thousands at a time,
so that no statement takes long.
"""

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from integrations.events.owing import KEPT

AT_ONCE: Final = 5_000
# One statement, so that it is the same events of which both are deleted: many have the same moment.
_FORGET: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM integrations_event WHERE created_at < %(before)s
    ORDER BY created_at LIMIT %(most)s
), owed AS (
    DELETE FROM integrations_delivery WHERE event_id IN (SELECT id FROM old)
)
DELETE FROM integrations_event WHERE id IN (SELECT id FROM old)
"""


def forget(now: datetime) -> int:
    """Delete what is older than that; return how many events."""
    gone = 0
    while deleted := _batch(now - KEPT):
        gone += deleted
    return gone


@transaction.atomic
def _batch(before: datetime) -> int:
    values: dict[str, Any] = {"before": before, "most": AT_ONCE}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, values)
        return int(cursor.rowcount)
