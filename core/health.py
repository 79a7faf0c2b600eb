"""Is it up, and what is missing: each part is asked with a short limit of its own, and nothing more is told."""

import hmac
from typing import Any

import psycopg
import redis
from django.db import connections

from core.heartbeats import STALE, ages, queues
from core.redis import connection

CONNECT_SECONDS, QUERY_MS = 2, 2000
Part = dict[str, Any]


def check() -> dict[str, Part]:
    """database, redis, worker, beat: `{state: ok|missing}`, and the age in seconds where there is a heartbeat.

    The worker is missing when any queue has none: `queues` says which.
    """
    parts = {"database": check_database(), "redis": check_redis()}
    try:
        workers, beat = ages()
    except (redis.RedisError, ValueError):
        workers, beat = dict.fromkeys(queues()), None
    return {**parts, "worker": _worker(workers), "beat": _by_age(beat)}


def is_ready(parts: dict[str, Part]) -> bool:
    return all(part["state"] == "ok" for part in parts.values())


def check_database() -> Part:
    """A query over a connection of its own: the pool would wait for a database that is down, or for a free place."""
    settings = connections["default"].settings_dict
    try:
        with psycopg.connect(
            host=settings["HOST"] or None,
            port=settings["PORT"] or None,
            dbname=settings["NAME"],
            user=settings["USER"] or None,
            password=settings["PASSWORD"] or None,
            connect_timeout=CONNECT_SECONDS,
            options=f"-c statement_timeout={QUERY_MS}",
        ) as own:
            own.execute("SELECT 1")
    except psycopg.Error:
        return {"state": "missing"}
    return {"state": "ok"}


def check_redis() -> Part:
    try:
        connection().ping()
    except redis.RedisError:
        return {"state": "missing"}
    return {"state": "ok"}


def _worker(ages_by_queue: dict[str, float | None]) -> Part:
    by_queue = {queue: _by_age(age) for queue, age in ages_by_queue.items()}
    # The one that was silent for longest stands for all.
    worst = max(by_queue.values(), key=lambda part: float("inf") if part["age"] is None else float(part["age"]))
    return {**worst, "queues": by_queue}


def _by_age(age: float | None) -> Part:
    if age is None:
        return {"state": "missing", "age": None}
    return {"state": "ok" if age < STALE else "missing", "age": round(age, 1)}


def same(sent: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that does not say where they differ."""
    return hmac.compare_digest(sent.encode(), expected.encode())
