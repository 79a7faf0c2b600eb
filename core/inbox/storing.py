"""Storing: one statement, one commit, however many deliveries came together.

The receipt's key is what makes a delivery unique. A repeat finds its receipt and stores
nothing; it waits for a twin that another process is just storing, so it is answered only when
its twin is committed.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import connection

from core.inbox.arrivals import not_json
from core.inbox.receiving import Delivery, receipt_key
from core.models import InboundReceipt

_TYPES = {
    "id": "uuid",
    "received_at": "timestamptz",
    "organization_id": "uuid",
    "event_data": "jsonb",
    "source_ip": "inet",
    "metadata": "jsonb",
}
_COLUMNS = ", ".join(name for name in Delivery._fields if name != "key")

# All rows travel as one JSON document: a list per column costs psycopg twenty times as much
# to write. PostgreSQL's own clock says when the first attempt is due: the clocks of web
# servers differ.
STORE = f"""
WITH incoming AS (
    SELECT * FROM json_to_recordset(%s::json)
        AS delivery ({", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in Delivery._fields)})
), fresh AS (
    INSERT INTO webhook_receipts (key, event_id, received_at)
        SELECT decode(key, 'hex'), id, received_at FROM incoming
    ON CONFLICT (key) DO NOTHING RETURNING event_id
), stored AS (
    INSERT INTO webhook_events ({_COLUMNS}, next_attempt_at)
    SELECT {_COLUMNS}, now() FROM incoming JOIN fresh ON fresh.event_id = incoming.id
    RETURNING id
)
SELECT id FROM stored
"""  # noqa: S608 - built from the names of our own columns


def store(cursor: psycopg.Cursor[Any], deliveries: Sequence[Delivery]) -> set[UUID]:
    """Store what is new of these; the ids that were. Committed when the cursor's transaction is.

    In the order of their keys, so that two processes with the same repeats cannot
    wait for each other.
    """
    rows = [_row(delivery) for delivery in sorted(deliveries)]
    cursor.execute(STORE, [orjson.dumps(rows).decode()], prepare=True, binary=True)
    return {row[0] for row in cursor.fetchall()}


def _row(delivery: Delivery) -> dict[str, Any]:
    row = delivery._asdict()
    # Both are JSON already.
    row["event_data"] = orjson.Fragment(delivery.event_data)
    row["metadata"] = orjson.Fragment(delivery.metadata)
    return row


def store_one(delivery: Delivery) -> bool:
    """Store it on Django's own connection, in whatever transaction is open there;
    whether it was new.
    """
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return delivery.id in store(cursor, [delivery])


def arrived(source: str, account: str, identities: Iterable[str]) -> set[str]:
    """Return those of these deliveries that have come in, by what makes each the same one."""
    keys = {
        bytes.fromhex(receipt_key(source, account, identity)): identity for identity in identities
    }
    found = InboundReceipt.objects.filter(key__in=list(keys)).values_list("key", flat=True)
    return {keys[bytes(key)] for key in found}


# What PostgreSQL says of one row's content, as against of its own state.
UNSTORABLE = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded)


@contextmanager
def refuse_unstorable() -> Iterator[None]:
    """Refuse content that PostgreSQL does not take as the sender's mistake."""
    try:
        yield
    except UNSTORABLE as error:
        raise not_json("The body holds what cannot be stored.") from error
