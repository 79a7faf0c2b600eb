"""The client before servers of this machine, and the resolver and the sockets beneath it."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site

from core.http import Client, Limits, transport
from tests.support.raw_server import RawServer
from tests.support.resolver import Names

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


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The addresses that sockets were connected to. None outside this machine is really dialled.

    Redis is no vendor: threads of this process that count and log dial it whenever they like.
    """
    seen: list[tuple[Any, ...]] = []
    connect = socket.socket.connect
    of_redis = urlsplit(site.REDIS_URL).port

    def note(self: socket.socket, address: Any) -> None:
        if self.type == socket.SOCK_STREAM and self.family != socket.AF_UNIX:
            if address[1] != of_redis:
                seen.append(address)
            if not ipaddress.ip_address(address[0]).is_loopback:
                raise ConnectionRefusedError("Not from a test")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    return seen


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)
