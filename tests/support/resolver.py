"""A resolver whose answers a test chooses, a call to a name that it answers for,
and what sockets were dialled.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site

from core.http import Client, HeaderKey, Limits
from core.masking import Secret

ONCE = Limits(attempts=1, connect=1, read=2, total=5)
PUBLIC = "93.184.215.14"


class Names:
    """A resolver of our own, in getaddrinfo's place: each name's answers, one after another,
    the last for ever.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)

    def _resolve(self, host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        self.asked.append(str(host))
        if host not in self.answers:
            return self._real(host, port, *arguments, **options)
        answers = self.answers[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]


def ask(url: str, **options: Any) -> Any:
    return Client(
        "custom", "guard", url, HeaderKey("X-Api-Key", Secret("k" * 30)), limits=ONCE, **options
    ).get("/x")


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
