"""What the client sends, and over which connections."""

import contextlib
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import responses
from django.db import connection

from core.errors import Misconfigured, Rejected
from core.http import BasicKey, BearerKey, Client, HeaderKey, Limits, PathKey, QueryKey, transport
from core.masking import Secret
from core.models import ApiCall
from tests.support.raw_server import say, serving

pytestmark = pytest.mark.django_db
KEY = Secret("a-key-of-a-decent-length-1234")


# --- What is sent ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (HeaderKey("X-Api-Key", KEY), b"X-Api-Key: a-key-of-a-decent-length-1234"),
        (BearerKey(KEY), b"Authorization: Bearer a-key-of-a-decent-length-1234"),
        (
            BearerKey(KEY, "Zoho-oauthtoken"),
            b"Authorization: Zoho-oauthtoken a-key-of-a-decent-length-1234",
        ),
        (
            BasicKey("AC1", KEY),
            b"Authorization: Basic QUMxOmEta2V5LW9mLWEtZGVjZW50LWxlbmd0aC0xMjM0",
        ),
        (
            QueryKey("api_token", KEY),
            b"GET /base/x?page=2&api_token=a-key-of-a-decent-length-1234 ",
        ),
        (
            PathKey(Secret("services/T0/B0/abcdefghijklmnop")),
            b"GET /base/services/T0/B0/abcdefghijklmnop/x?page=2 ",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_key_goes_where_it_belongs(auth: Any, expected: bytes, to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        to(server, "/base/", auth=auth).get("/x", params={"page": 2})

        assert expected in server.requests[0]


def test_parameters_and_bodies_are_sent_as_vendors_read_them(to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        client = to(server)
        client.get(
            "/a?x=1", params={"recorded_by[]": ["a@b.c", "d@e.f"], "deep": True, "none": None}
        )
        client.post("/b", json={"naam": "één"})
        client.post("/c", data={"grant_type": "refresh", "x": "a b"})
        client.patch("/d", data=b"\x00raw", headers={"Content-Type": "application/octet-stream"})

        assert server.requests[0].startswith(
            b"GET /a?x=1&recorded_by%5B%5D=a%40b.c&recorded_by%5B%5D=d%40e.f&deep=true HTTP/1.1"
        )
        assert server.requests[1].endswith('\r\n\r\n{"naam":"één"}'.encode())
        assert b"Content-Type: application/json" in server.requests[1]
        assert server.requests[2].endswith(b"\r\n\r\ngrant_type=refresh&x=a+b")
        assert server.requests[3].endswith(b"\r\n\r\n\x00raw")
        assert all(b"User-Agent: Koppel/1\r\n" in request for request in server.requests)


def test_a_vendors_next_link_is_followed_within_its_origin_alone(to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        client = to(server, "/api/v1", auth=BearerKey(KEY))

        client.get(f"{server.url}/api/v1/leads?page=2")
        with pytest.raises(Misconfigured, match="another address"):
            client.get("https://elsewhere.example.com/api/v1/leads?page=3")

        assert [request.split()[1] for request in server.requests] == [b"/api/v1/leads?page=2"]


@pytest.mark.parametrize(
    "path", ["/../admin", "/a/../../b", "/./x", "/a\\b", "/a b", "/a\r\nX: y", "/\x00"]
)
def test_a_path_cannot_leave_the_base(path: str, to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        with pytest.raises(Misconfigured):
            to(server, "/api").get(path)

        assert server.requests == []


def test_a_header_cannot_be_broken_into_two(to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        with pytest.raises(Misconfigured):
            to(server).get("/", headers={"X-Note": "a\r\nX-Other: b"})

        assert server.requests == []


# --- Connections ----------------------------------------------------------------------------------
def test_a_connection_is_kept_for_the_next_call_and_the_next_client(to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        for _ in range(3):
            client = to(server)
            client.get("/")
            client.delete("/")

        assert (server.connections, len(server.requests)) == (1, 6)


def test_a_connection_is_kept_after_an_error_that_was_read_to_its_end(to: Any) -> None:
    with serving(say("404 What", b'{"error": "no"}')) as server:
        for _ in range(3):
            with pytest.raises(Rejected):
                to(server).get("/")

        assert server.connections == 1


def test_no_cookie_is_kept(to: Any) -> None:
    with serving(say("200 OK", b"{}", "Set-Cookie: session=abc; Path=/")) as server:
        client = to(server)
        client.get("/")
        client.get("/")

        assert not any(b"cookie" in request.lower() for request in server.requests)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("new_connections")
def test_threads_share_a_client_and_never_each_others_answers(to: Any) -> None:
    def echo(caller: socket.socket, request: bytes) -> None:
        body = b'{"path": "%b"}' % request.split()[1]
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with serving(echo) as server:
        client = to(server, limits=Limits())

        def call(number: int) -> Any:
            with contextlib.closing(connection):
                return client.get(f"/{number}").json()

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(call, range(200)))

    assert answers == [{"path": f"/{number}"} for number in range(200)]
    assert server.connections <= 8
    assert ApiCall.objects.count() == 200


def test_a_forked_child_opens_its_own_connections(to: Any) -> None:
    with serving(say("200 OK", b"{}")) as server:
        to(server).get("/")

        child = os.fork()
        if not child:
            sent = transport.send(
                "GET", f"{server.url}/child", headers={}, body=None, timeouts=(1, 1)
            )
            os._exit(0 if sent.status_code == 200 else 1)

        assert os.waitpid(child, 0)[1] == 0
        to(server).get("/parent")
        assert [request.split()[1] for request in server.requests] == [b"/", b"/child", b"/parent"]
        assert server.connections == 2


@responses.activate
def test_the_edge_can_be_mocked_where_a_test_needs_no_server() -> None:
    responses.get("https://api.example.com/v1/x", json={"a": 1})

    assert Client("custom", "test", "https://api.example.com/v1").get("/x").json() == {"a": 1}
