"""Telling a worker that something is due: however many rows are written,
one message waits in the queue.

A message is a hint. One that is lost costs a minute, until the clock looks.
"""

from typing import Final

from django.db import connection, transaction
from redis.exceptions import RedisError

from core import redis
from core.queue import jobs

DELIVER: Final = "integrations.deliver_events"
KEY: Final = "integrations:events:hint"
# As often as the clock looks.
SECONDS: Final = 60


def after_commit() -> None:
    """Have a worker look once the open transaction is committed:
    once, however often this is asked in it.
    """
    # What is asked first is dropped only together with the whole transaction,
    # or with all that was asked after it.
    is_asked = any(entry[1] is send for entry in reversed(connection.run_on_commit))
    if not (connection.in_atomic_block and is_asked):
        transaction.on_commit(send)


def send() -> None:
    """Have a worker look, unless a message says so already that nobody has taken up yet.
    Never raises.
    """
    try:
        if not redis.connection().set(KEY, "1", nx=True, ex=SECONDS):
            return
        if not jobs.send(DELIVER):
            redis.connection().delete(KEY)
    except RedisError:
        jobs.send(DELIVER)


def take_up() -> None:
    """Note that a worker looks now: what is written from now on needs a message of its own."""
    try:
        redis.connection().delete(KEY)
    except RedisError:
        return
