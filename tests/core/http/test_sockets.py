"""Sockets for drivers: to the address that was checked, in the time that there is."""

import socket
import time
from typing import Any

import pytest

from core.http.addresses import Refused
from core.http.sockets import checked_addresses, dial
from tests.support.raw_server import RawServer, say, serving
from tests.support.resolver import PUBLIC, Names


@pytest.fixture
def server(settings: Any) -> Any:
    with serving(say("200 OK", b"hello")) as server:
        settings.ALLOW_PRIVATE_HOSTS = [
            server.host,
            f"db.example.com:{server.port}",
            f"[::1]:{server.port}",
        ]
        yield server


def test_a_socket_reaches_the_server_and_keeps_the_time_out(server: RawServer) -> None:
    with dial("127.0.0.1", server.port, 5) as dialled:
        dialled.sendall(b"GET / HTTP/1.1\r\n\r\n")

        assert dialled.gettimeout() == 5
        assert dialled.recv(1000).endswith(b"hello")


def test_a_name_is_resolved_once_however_it_is_written(server: RawServer, names: Names) -> None:
    names.answers["db.example.com"] = [["127.0.0.1"], ["10.0.0.1"]]

    with dial(" DB.example.COM ", server.port, 5) as dialled:
        assert dialled.getpeername() == ("127.0.0.1", server.port)
    assert names.asked == ["db.example.com"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "169.254.169.254",
        "168.63.129.16",
        "::1",
        "[::1]",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0",
        "１２７.0.0.1",
        "/var/run/postgresql",
        "a b",
        "user@db.example.com",
        "",
    ],
)
def test_what_is_not_public_is_refused_and_not_dialled(host: str, dialled: list[Any]) -> None:
    for look in (lambda: dial(host, 5432, 1), lambda: checked_addresses(host, 5432)):
        with pytest.raises(Refused):
            look()

    assert dialled == []


def test_one_private_address_among_public_ones_refuses_the_name(
    names: Names, dialled: list[Any]
) -> None:
    names.answers["db.example.com"] = [[PUBLIC, "192.168.1.1"]]

    with pytest.raises(Refused):
        dial("db.example.com", 5432, 1)

    assert dialled == []


def test_each_address_is_tried_and_the_last_failure_is_the_callers(
    names: Names, dialled: list[Any]
) -> None:
    names.answers["db.example.com"] = [["2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC]]

    with pytest.raises(ConnectionRefusedError):
        dial("db.example.com", 5432, 1)

    assert dialled == [("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 5432, 0, 0), (PUBLIC, 5432)]


def test_an_address_that_does_not_answer_leaves_the_next_its_share_of_the_time(
    server: RawServer, names: Names, settings: Any
) -> None:
    full = socket.socket()
    full.bind(("127.0.0.2", server.port))
    full.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for caller in waiting:
        caller.settimeout(0)
        caller.connect_ex(("127.0.0.2", server.port))
    names.answers["db.example.com"] = [["127.0.0.2", "127.0.0.1"]]
    started = time.monotonic()

    with dial("db.example.com", server.port, 2) as dialled:
        assert dialled.getpeername() == ("127.0.0.1", server.port)

    assert 0.5 < time.monotonic() - started < 2
    for opened in (full, *waiting):
        opened.close()


def test_a_name_that_does_not_exist_is_the_resolvers_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(socket.gaierror):
        dial("nosuch.example.com", 5432, 1)


def test_a_driver_that_takes_an_address_alone_gets_those_that_were_checked(names: Names) -> None:
    names.answers["db.example.com"] = [[PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC]]

    assert checked_addresses("db.example.com", 5432) == [
        PUBLIC,
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    ]
