"""One writer at a time for one account at a vendor, where looking and then creating are two calls.

Two that look at once would both find nobody, and both create. The turn is a lease in Redis:
who dies loses it in time.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import redis
from django.utils.translation import gettext_lazy as _

from core.errors import Temporary
from core.redis import connection

LEASE_SECONDS: Final = 180
PATIENCE: Final = 60.0
PAUSE: Final = 0.05
BUSY: Final = _(
    "Contacts are being written to %(vendor)s already. Nothing was written now; it is tried again."
)
_GIVE_BACK: Final = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
)


@contextmanager
def turn(vendor: str, account: str, patience: float = PATIENCE) -> Iterator[None]:
    """Wait for the turn to write to this account; Temporary where it does not come."""
    name = f"koppel:turn:{vendor}:{account}"
    token = secrets.token_hex(8)
    try:
        _take(vendor, name, token, patience)
    except redis.RedisError as error:
        raise Temporary(vendor, BUSY) from error
    try:
        yield
    finally:
        _give_back(name, token)


def _take(vendor: str, name: str, token: str, patience: float) -> None:
    ends = time.monotonic() + patience
    while not connection().set(name, token, nx=True, ex=LEASE_SECONDS):
        if time.monotonic() >= ends:
            raise Temporary(vendor, BUSY)
        time.sleep(PAUSE)


def _give_back(name: str, token: str) -> None:
    """Give the turn back, if it is still this one's; one that cannot be given
    back ends by itself.
    """
    try:
        connection().eval(_GIVE_BACK, 1, name, token)
    except redis.RedisError:
        return
