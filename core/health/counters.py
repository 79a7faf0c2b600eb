"""Counts that all processes share, for /metrics: gathered in the process,
added up in Redis once a second.

A count is an indication and no record: with Redis down the last seconds are kept here and added
later, and a process that is killed takes its last second with it.
"""

import atexit
import logging
import os
import threading
import time
from collections import Counter

import redis as redis_errors

from core import redis

logger = logging.getLogger(__name__)

KEY = "koppel:counters"
FLUSH_SECONDS = 1.0

_lock = threading.Lock()
# One flush at a time: whoever reads waits for the counts that another thread is just writing.
_flushing = threading.Lock()
_waiting: Counter[str] = Counter()
_flusher: threading.Thread | None = None


def add(name: str, *labels: str, by: int = 1) -> None:
    """Count something; never waits and never fails."""
    with _lock:
        _waiting["\t".join((name, *labels))] += by
    _ensure_flusher()


def read(name: str) -> dict[tuple[str, ...], int]:
    """Return what all processes counted under this name, by labels."""
    flush()
    found: dict[str, str] = redis.connection().hgetall(KEY)  # type: ignore[assignment]
    parted = ((field.split("\t"), int(count)) for field, count in found.items())
    return {tuple(parts[1:]): count for parts, count in parted if parts[0] == name}


def flush() -> None:
    """Add what waits here to Redis; kept for the next time when Redis is down."""
    with _flushing:
        _flush()


def _flush() -> None:
    with _lock:
        counts = dict(_waiting)
        _waiting.clear()
    if not counts:
        return
    try:
        with redis.connection().pipeline(transaction=False) as pipe:
            for field, count in counts.items():
                pipe.hincrby(KEY, field, count)
            pipe.execute()
    except redis_errors.RedisError:
        with _lock:
            _waiting.update(counts)


def _begin_anew() -> None:
    """Begin anew after a fork: what waits is the parent's to write, and its threads' locks are
    opened by nobody.
    """
    global _lock, _flushing
    _lock, _flushing = threading.Lock(), threading.Lock()
    _waiting.clear()


os.register_at_fork(after_in_child=_begin_anew)


def _ensure_flusher() -> None:
    global _flusher  # noqa: PLW0603 - one thread per process
    if _flusher is None or not _flusher.is_alive():
        with _lock:
            if _flusher is None or not _flusher.is_alive():
                _flusher = threading.Thread(target=_flush_for_ever, name="counters", daemon=True)
                _flusher.start()
                atexit.register(flush)


def _flush_for_ever() -> None:
    while True:
        time.sleep(FLUSH_SECONDS)
        flush()
