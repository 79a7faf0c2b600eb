"""How many requests of one person may wait for services at a time:
the places are everybody's (`core.http.turns`).

Whoever connects a server of their own that takes its time on purpose would else keep all of them.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import redis
from django.core.cache import cache

from core.http import turns
from core.models import User
from core.queue import jobs
from core.redis import connection
from integrations.models import Integration

MOST: Final = 3
# Longer than any request lasts: who dies gives a place back so.
LEASE: Final = 600
CHECK: Final = "integrations.check"
_GIVE_BACK: Final = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
)


@contextmanager
def of(actor: Any) -> Iterator[None]:
    """Let the person wait for a service within this block;
    raise turns.Busy where they wait for enough already.
    """
    if not isinstance(actor, User):
        yield
        return
    token = secrets.token_hex(8)
    place = _taken(actor, token)
    try:
        yield
    finally:
        _given_back(place, token)


def have_checked(integration: Integration) -> None:
    """Have it tried once this is committed, unless it waits for that already."""
    if cache.add(_waits(integration.pk), 1, LEASE):
        jobs.after_commit(CHECK, str(integration.pk))


def is_checked(integration_id: Any) -> None:
    """Note that its trial has begun: what changes from now on is for the next one."""
    cache.delete(_waits(integration_id))


def _taken(person: User, token: str) -> str:
    places = [f"koppel:integrations:waiting:{person.pk}:{number}" for number in range(MOST)]
    try:
        place = next(
            (each for each in places if connection().set(each, token, nx=True, ex=LEASE)), None
        )
    except redis.RedisError:
        return ""
    if place is None:
        raise turns.Busy
    return place


def _given_back(place: str, token: str) -> None:
    try:
        if place:
            connection().eval(_GIVE_BACK, 1, place, token)
    except redis.RedisError:
        return


def _waits(integration_id: Any) -> str:
    return f"integrations:check:{integration_id}"
