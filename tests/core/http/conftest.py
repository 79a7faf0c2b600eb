"""The client before servers of this machine, and the resolver and the sockets beneath it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.http import Client, Limits, transport
from tests.support.raw_server import RawServer

QUICK = Limits(attempts=3, connect=1, read=1, total=5, pause=0.01)


@pytest.fixture
def to(settings: Any) -> Callable[..., Client]:
    def make(server: RawServer, path: str = "", **options: Any) -> Client:
        settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, server.host]
        options.setdefault("limits", QUICK)
        return Client("custom", "test", server.url + path, **options)

    return make


@pytest.fixture
def new_connections() -> Iterator[None]:
    transport.close()
    yield
    transport.close()
