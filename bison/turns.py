"""Turns with a super-admin key: whoever has it moves that key between workspaces,
and everybody else waits.

A turn is a lease in the database, of a key or of a round by its name. Its holder renews it
before each call; whoever dies holds it no longer than LEASE.
"""

import random
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from bison.client import VENDOR
from bison.models import Turn
from core.errors import RateLimited, Temporary

# Longer than any one call may take.
LEASE: Final = 90
LOST: Final = _(
    "Another job took over the key of %(vendor)s. Nothing was stored; it is tried again."
)
_TAKE: Final = """
INSERT INTO bison_turns AS turn (key, holder, until)
    VALUES (%(key)s, %(holder)s, now() + %(lease)s * interval '1 s')
ON CONFLICT (key) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
WHERE turn.holder IS NULL OR turn.holder = EXCLUDED.holder OR turn.until < now()
RETURNING holder
"""
_RENEW: Final = """
UPDATE bison_turns SET until = now() + %(lease)s * interval '1 s'
WHERE key = %(key)s AND holder = %(holder)s AND until > now()
"""


class LostTurn(Temporary):
    """The lease ended before its holder was done: another may have moved the key meanwhile."""

    text = LOST


class Lease:
    """A turn that is held."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.holder = uuid.uuid4()

    def take(self) -> bool:
        """Tell whether it was free, or is this holder's already: then it is for another LEASE."""
        return self._execute(_TAKE)

    def renew(self) -> None:
        """Keep it for another LEASE, or raise LostTurn."""
        if not self._execute(_RENEW):
            raise LostTurn(VENDOR)

    def give_back(self) -> None:
        Turn.objects.filter(key=self.key, holder=self.holder).update(holder=None)

    def _execute(self, statement: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"key": self.key, "holder": self.holder, "lease": LEASE})
            return cursor.rowcount == 1


@contextmanager
def of(key: str, *, patience: float) -> Iterator[Lease]:
    """Wait for the turn, and give it back at the end; RateLimited where it does
    not come in time.
    """
    lease = Lease(key)
    ends = time.monotonic() + patience
    while not lease.take():
        left = ends - time.monotonic()
        if left <= 0:
            raise RateLimited(VENDOR, retry_after=30)
        time.sleep(min(left, random.uniform(0.05, 0.4)))  # noqa: S311 - not a secret
    try:
        yield lease
    finally:
        lease.give_back()
