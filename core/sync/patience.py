"""One page, however little time the vendor has for us."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from core.errors import RateLimited, Temporary

Answer = TypeVar("Answer")
# Seconds between attempts beyond the client's own, when a vendor is down for longer.
PAUSES: Final = (2.0, 10.0, 30.0)
# A longer pause is slept by nobody: the run gives its worker back and comes again.
# A vendor's window is a minute.
LONGEST_SLEEP: Final = 75.0
SHORTEST_SLEEP: Final = 0.1


def patiently(ask: Callable[[], Answer], stop: threading.Event) -> Answer | None:
    """Return the answer, waiting for as long as the vendor asks;
    None when the walk was stopped meanwhile.

    RateLimited is raised where the vendor asks for a longer pause than a worker may sleep,
    Temporary where it stays down.
    """
    pauses = iter(PAUSES)
    while True:
        try:
            return ask()
        except RateLimited as error:
            if error.retry_after > LONGEST_SLEEP:
                raise
            pause = max(error.retry_after, SHORTEST_SLEEP)
        except Temporary:
            next_pause = next(pauses, None)
            if next_pause is None:
                raise
            pause = next_pause
        if stop.wait(pause):
            return None
