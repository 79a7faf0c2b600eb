"""How many requests of one web process may wait for vendors at a time: half of its threads.

A vendor that takes a minute to answer would else keep every thread, and no page came. A request
takes its turn with its first call and keeps it to its end, so that none is refused in the middle.
Workers and commands have no turns.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext

RETRY_AFTER: Final = 10


class Busy(Exception):
    """As many as may are waiting for vendors. Nothing was done; the text is for people."""

    def __str__(self) -> str:
        return gettext(
            "Too many are waiting for other services at this moment. Nothing was changed; "
            "try again soon."
        )


@dataclass
class _Request:
    """One request of a web process, and whether it has its turn."""

    has_turn: bool = False


_request: ContextVar[_Request | None] = ContextVar("request", default=None)
_waiting: set[int] = set()
_lock = threading.Lock()


@contextmanager
def of_one_request() -> Iterator[None]:
    """Let the first call to a vendor within this block take a turn,
    which is given back at its end.
    """
    request = _Request()
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)
        with _lock:
            _waiting.discard(id(request))


def take() -> None:
    """Take a turn for the request that this is part of, if it is part of one;
    raise Busy where none is free.

    Named by services that do something before their first call,
    so that they are refused before that.
    """
    request = _request.get()
    if request is None or request.has_turn:
        return
    with _lock:
        if len(_waiting) >= max(1, settings.WEB_THREADS // 2):
            raise Busy
        _waiting.add(id(request))
        request.has_turn = True
