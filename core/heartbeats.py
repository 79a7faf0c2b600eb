"""Signs of life: each worker and the beat leave the time in Redis every few seconds; whoever looks sees how old it is.

Nothing has to be set up: a Redis that was emptied or replaced holds them again within ten seconds.
"""

import time
from typing import Any

import redis
import structlog
from celery.signals import heartbeat_sent, worker_ready, worker_shutdown

from core.redis import connection

WORKER, BEAT = "koppel:heartbeat:worker", "koppel:heartbeat:beat"
# Beyond this age a part counts as missing: beat wakes at least every 5 s, a worker every 2 s.
STALE = 30
log = structlog.get_logger(__name__)


def write_beat() -> None:
    """Beat lives now. A Redis that is down is no reason to stop: the next tick tries again."""
    try:
        connection().set(BEAT, time.time(), ex=STALE * 2)
    except redis.RedisError as error:
        log.warning("heartbeat_not_written", part="beat", error=str(error))


def write_worker(name: str) -> None:
    """This worker lives now; those that have been silent for long are forgotten."""
    try:
        with connection().pipeline(transaction=False) as pipe:
            pipe.hset(WORKER, name, str(time.time()))
            pipe.expire(WORKER, STALE * 2)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("heartbeat_not_written", part="worker", error=str(error))


@worker_ready.connect
@heartbeat_sent.connect
def _worker_lives(sender: Any = None, **_signal: Any) -> None:
    # `sender` is the consumer once and its heart the other times; both know the event dispatcher's host name.
    name = getattr(sender, "hostname", None) or getattr(getattr(sender, "eventer", None), "hostname", None)
    write_worker(str(name or "worker"))


@worker_shutdown.connect
def _worker_ends(sender: Any = None, **_signal: Any) -> None:
    try:
        connection().hdel(WORKER, str(getattr(sender, "hostname", "worker")))
    except redis.RedisError:
        return  # it goes stale by itself


def ages() -> dict[str, float | None]:
    """Seconds since the last sign of life of beat and of the liveliest worker; None = none at all."""
    with connection().pipeline(transaction=False) as pipe:
        pipe.hvals(WORKER)
        pipe.get(BEAT)
        workers, beat = pipe.execute()
    now = time.time()
    latest = max((float(value) for value in workers), default=None)
    return {
        "worker": None if latest is None else max(0.0, now - latest),
        "beat": None if beat is None else max(0.0, now - float(beat)),
    }
