"""A door that nobody may come to: a socket that listens, and knows who dialled it."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest


class Nobody:
    """A server that says nothing, and counts its visitors."""

    def __init__(self) -> None:
        self.visitors = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _from = self._listener.accept()
                self.visitors += 1
                visitor.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    """A listening socket that must not be reached."""
    door = Nobody()
    yield door
    door.close()
    assert door.visitors == 0
