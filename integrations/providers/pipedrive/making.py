"""Of two syncs of an organization that make a person of the same address at Pipedrive, one does.

Two colleagues may each have connected the company, and Pipedrive takes both.
So whoever makes a person says so first, and then who it became: the others change that person.
"""

import time
from typing import Final

from core import redis
from core.http import CallContext
from core.secrets import crypto

# A call and its attempts take no longer; whoever died in between is waited for no longer either.
PENDING_SECONDS: Final = 150
# The search finds a new person long before.
KEPT_SECONDS: Final = 3600
WAITED: Final = 15.0
PAUSE: Final = 0.1
PENDING: Final = "pending"


class Making:
    """The making of one person: `number` is whom it became, where somebody made them a while ago.

    What an integration has begun itself and not ended, it may begin again: it syncs once at a time.
    """

    def __init__(self, context: CallContext, address: str) -> None:
        subject = f"{context.organization_id}/{address}"
        self._key = f"koppel:pipedrive:making:{crypto.mac('pipedrive-person', subject.encode())}"
        self._pending = f"{PENDING} {context.integration_id}"
        self.number: int | None = None

    def begin(self) -> bool:
        """Claim it, or wait for whoever has; return whether it is ours or done.
        False: they are still at it.
        """
        ends = time.monotonic() + WAITED
        while True:
            if redis.connection().set(self._key, self._pending, nx=True, ex=PENDING_SECONDS):
                return True
            found = str(redis.connection().get(self._key))
            if found.isdecimal():
                self.number = int(found)
                return True
            if found == self._pending:
                return True
            if time.monotonic() > ends:
                return False
            time.sleep(PAUSE)

    def done(self, number: int) -> None:
        """Say whom it became."""
        redis.connection().set(self._key, str(number), ex=KEPT_SECONDS)

    def undone(self) -> None:
        """Say that nobody was made: the vendor refused, so that nothing is to be waited for."""
        redis.connection().delete(self._key)
