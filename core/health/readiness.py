"""Is it up, and what is missing: each part is asked with a short limit of its own,
and nothing more is told.
"""

import hmac
from typing import Any, Final

import psycopg
import redis
from django.db import connections

from core.health.heartbeats import STALE, ages, queues
from core.postgres import patience
from core.redis import connection
from core.secrets.crypto import CannotOpen, KeyMissing, Place, open_sealed

CONNECT_SECONDS, QUERY_MS = 2, 2000
Part = dict[str, Any]
MISSING: Final[Part] = {"state": "missing"}


def check() -> dict[str, Part]:
    """Check database, keys, redis, worker, beat: `{state: ok|missing}`, and the age
    in seconds of a heartbeat.

    The worker is missing when any queue has none: `queues` says which.
    Keys are missing when no key of the ring opens this database.
    """
    database = check_database()
    keys = {**MISSING}
    if database["state"] == "ok":
        keys = check_keys()
    parts = {"database": database, "keys": keys, "redis": check_redis()}
    try:
        workers, beat = ages()
    except (redis.RedisError, ValueError):
        workers, beat = dict.fromkeys(queues()), None
    return {**parts, "worker": _worker(workers), "beat": _by_age(beat)}


def is_ready(parts: dict[str, Part]) -> bool:
    return all(part["state"] == "ok" for part in parts.values())


def check_database() -> Part:
    """Ask over a connection of its own: the pool would wait for a database that is down,
    or for a free place.
    """
    if patience.is_away():
        return {**MISSING}
    try:
        with _own_connection() as own:
            own.execute("SELECT 1")
    except psycopg.Error:
        return {**MISSING}
    return {"state": "ok"}


def check_keys() -> Part:
    if ring_opens_database():
        return {"state": "ok"}
    return {**MISSING}


def ring_opens_database() -> bool | None:
    """Tell whether the key ring opens the keys that lie sealed in the database; None where that
    cannot be known: the database does not answer, or has no tables yet. Does not use Django's
    connection, so it may be asked before a fork.
    """
    try:
        with _own_connection() as own:
            rows = own.execute("SELECT name, value FROM stable_keys").fetchall()
    except psycopg.Error:
        return None
    try:
        for name, sealed in rows:
            open_sealed(sealed, Place("stable_keys", name, "value"))
    except (CannotOpen, KeyMissing):
        return False
    if rows:
        return True
    return None


def _own_connection() -> psycopg.Connection:
    """Return a connection beside the pool, which would wait for a database that is down,
    or for a free place.
    """
    settings = connections["default"].settings_dict
    return psycopg.connect(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        dbname=settings["NAME"],
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        connect_timeout=CONNECT_SECONDS,
        options=f"-c statement_timeout={QUERY_MS}",
    )


def check_redis() -> Part:
    try:
        connection().ping()
    except redis.RedisError:
        return {"state": "missing"}
    return {"state": "ok"}


def _worker(ages_by_queue: dict[str, float | None]) -> Part:
    by_queue = {queue: _by_age(age) for queue, age in ages_by_queue.items()}
    # The one that was silent for longest stands for all.
    worst = max(
        by_queue.values(),
        key=lambda part: float("inf") if part["age"] is None else float(part["age"]),
    )
    return {**worst, "queues": by_queue}


def _by_age(age: float | None) -> Part:
    if age is None:
        return {"state": "missing", "age": None}
    if age < STALE:
        return {"state": "ok", "age": round(age, 1)}
    return {"state": "missing", "age": round(age, 1)}


def same(sent: str, expected: str) -> bool:
    """Tell whether two secrets are equal, in a time that does not say where they differ."""
    return hmac.compare_digest(sent.encode(), expected.encode())
