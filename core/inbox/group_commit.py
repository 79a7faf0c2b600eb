"""Many deliveries, one commit: whoever comes while a transaction runs shares the next one,
and waits for it.

Nobody is answered before the COMMIT that holds their row. One thread and one connection of its own
do the storing, so deliveries take none of the connections that pages need.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import psycopg
from django.db import connection

from core.inbox.arrivals import Refused, not_available, not_json
from core.inbox.receiving import Delivery
from core.inbox.storing import UNSTORABLE, store
from core.postgres.patience import ImpatientConnection

logger = logging.getLogger(__name__)

BATCH_ROWS = 256
BATCH_BYTES = 8 * 1024 * 1024
WAITING_BYTES = 64 * 1024 * 1024
# After a commit that was shared, so long for the next ones to gather:
# a lonely delivery never waits for company.
GATHER_SECONDS = 0.001

Outcome = bool | Refused


class GroupCommit:
    """One per process and event loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Delivery, asyncio.Future[Outcome]]] = []
        self._waiting_bytes = 0
        self._draining: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="webhook-writer")
        self._writer = Writer()

    async def store(self, delivery: Delivery) -> bool:
        """Store it, and tell whether it was new.

        Return when it is committed; raise Refused when it is not.
        """
        if self._waiting_bytes > WAITING_BYTES:
            raise not_available("overloaded")
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, outcome))
        self._waiting_bytes += len(delivery.event_data)
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        found = await outcome
        if isinstance(found, Refused):
            raise found
        return found

    async def _drain(self) -> None:
        try:
            while batch := self._next_batch():
                outcomes = await self._outcomes([delivery for delivery, _ in batch])
                for (_, future), outcome in zip(batch, outcomes, strict=True):
                    if not future.done():
                        future.set_result(outcome)
                if len(batch) > 1:
                    await asyncio.sleep(GATHER_SECONDS)
        finally:
            self._draining = None

    async def _outcomes(self, deliveries: list[Delivery]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._writer.outcomes, deliveries)
        except (
            Exception
        ):  # whatever happened, everybody who waits is told, and nobody is told that it is stored
            logger.exception("Webhook deliveries could not be stored")
            return [not_available() for _ in deliveries]

    def _next_batch(self) -> list[tuple[Delivery, asyncio.Future[Outcome]]]:
        size = count = 0
        for delivery, _ in islice(self._waiting, BATCH_ROWS):
            size += len(delivery.event_data)
            if count and size > BATCH_BYTES:
                size -= len(delivery.event_data)
                break
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        self._waiting_bytes -= size
        return batch


class Writer:
    """The storing thread's side: a connection that is opened again when it was lost."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def outcomes(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Return for each whether it was new, or why it was not stored."""
        try:
            return self._store(deliveries)
        except UNSTORABLE:
            # One delivery that PostgreSQL does not take must not cost the others theirs.
            if len(deliveries) == 1:
                return [not_json("The body holds what cannot be stored.")]
            return [outcome for delivery in deliveries for outcome in self.outcomes([delivery])]
        except psycopg.OperationalError:
            self.close()
            return [not_available() for _ in deliveries]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _store(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        try:
            fresh = self._execute(deliveries)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # The server was restarted, or the connection cut, perhaps after the commit:
            # asking again is harmless.
            self.close()
            fresh = self._execute(deliveries)
        return [delivery.id in fresh for delivery in deliveries]

    def _execute(self, deliveries: Sequence[Delivery]) -> set[Any]:
        if self._connection is None:
            self._connection = connect()
        with psycopg.Cursor(self._connection) as cursor:
            return store(cursor, deliveries)


def connect() -> psycopg.Connection[Any]:
    """Return a connection outside the pool that commits each statement and waits
    for nothing long.
    """
    parameters = connection.get_connection_params()
    parameters.pop("pool", None)
    parameters.pop("cursor_factory", None)
    options = f"{parameters.pop('options', '')} -c statement_timeout=8000".strip()
    return ImpatientConnection.connect(
        **{**parameters, "autocommit": True, "connect_timeout": 3, "options": options}
    )
