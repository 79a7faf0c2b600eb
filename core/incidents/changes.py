"""A number that changes with every incident, for those who remember how many are open."""

import contextlib
from typing import Final
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

KEY: Final = "incidents:version"
KEPT_SECONDS: Final = 24 * 3600


def note() -> None:
    """Forget what was counted: now, and once more after the commit, for whoever counted meanwhile."""
    _forget()
    transaction.on_commit(_forget)


def _forget() -> None:
    # Who counted then is wrong for half a minute, which is no reason to keep an incident from being opened.
    with contextlib.suppress(RedisError, OSError):
        cache.set(KEY, uuid4().hex, KEPT_SECONDS)
