"""Signs of life: each worker and the beat leave the time in Redis every few seconds;
whoever looks sees how old it is.

A worker says it once for each queue that it works, so that a queue without a worker is seen beside
one that has many. Nothing has to be set up: a Redis that was emptied or replaced holds them again
within ten seconds.
"""

import time
from typing import Any

import redis
import structlog
from celery import current_app
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
    """Note that this worker lives and works its queues; forget those that have been
    silent for long.
    """
    try:
        with connection().pipeline(transaction=False) as pipe:
            for queue in current_app.amqp.queues.consume_from:
                pipe.hset(key_of(queue), name, str(time.time()))
                pipe.expire(key_of(queue), STALE * 2)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("heartbeat_not_written", part="worker", error=str(error))


def key_of(queue: str) -> str:
    """Return where the workers of this queue say that they live."""
    if queue == current_app.conf.task_default_queue:
        return WORKER
    return f"{WORKER}:{queue}"


def queues() -> list[str]:
    """Return every queue that has to have a worker."""
    return [queue.name for queue in current_app.conf.task_queues]


@worker_ready.connect
@heartbeat_sent.connect
def _worker_lives(sender: Any = None, **_signal: Any) -> None:
    # `sender` is the consumer once and its heart the other times;
    # both know the event dispatcher's host name.
    name = getattr(sender, "hostname", None) or getattr(
        getattr(sender, "eventer", None), "hostname", None
    )
    write_worker(str(name or "worker"))


@worker_shutdown.connect
def _worker_ends(sender: Any = None, **_signal: Any) -> None:
    try:
        for queue in queues():
            connection().hdel(key_of(queue), str(getattr(sender, "hostname", "worker")))
    except redis.RedisError:
        return  # it goes stale by itself


def ages() -> tuple[dict[str, float | None], float | None]:
    """Return the seconds since a sign of life of each queue's liveliest worker, and of beat;
    None = none at all.
    """
    names = queues()
    with connection().pipeline(transaction=False) as pipe:
        for queue in names:
            pipe.hvals(key_of(queue))
        pipe.get(BEAT)
        *workers, beat = pipe.execute()
    now = time.time()
    latest = [max((float(value) for value in values), default=None) for values in workers]
    by_queue = {
        queue: None if at is None else max(0.0, now - at)
        for queue, at in zip(names, latest, strict=True)
    }
    if beat is None:
        return by_queue, None
    return by_queue, max(0.0, now - float(beat))
