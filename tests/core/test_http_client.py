"""The client: what it waits for, how much it takes, when it tries again, what it sends."""

import contextlib
import gzip
import os
import socket
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import responses
from django.db import connection

from core.errors import Misconfigured, RateLimited, Rejected, Temporary
from core.http import BasicKey, BearerKey, Client, HeaderKey, Limits, PathKey, QueryKey, transport
from core.http.answers import seconds_from
from core.masking import Secret
from core.models import ApiCall
from tests.support.raw_server import RawServer, Talk, say, say_raw, serving

pytestmark = pytest.mark.django_db
QUICK = Limits(attempts=3, connect=1, read=1, total=5, pause=0.01)
ONCE = Limits(attempts=1, connect=1, read=1, total=1.5, body=1_000_000)
KEY = Secret("a-key-of-a-decent-length-1234")


@pytest.fixture
def to(settings: Any) -> Callable[..., Client]:
    def make(server: RawServer, path: str = "", **options: Any) -> Client:
        settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, server.host]
        options.setdefault("limits", QUICK)
        return Client("custom", "test", server.url + path, **options)

    return make


# --- Time and size -----------------------------------------------------------------------------------------------
def drip_head(caller: socket.socket, _request: bytes) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
        caller.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_body(caller: socket.socket, _request: bytes) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        caller.sendall(b"x")
        time.sleep(0.05)


def drip_chunks(caller: socket.socket, _request: bytes) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1000):
        caller.sendall(b"1\r\nx\r\n")
        time.sleep(0.05)


def continue_for_ever(caller: socket.socket, _request: bytes) -> None:
    for _ in range(1000):
        caller.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


def silence(_caller: socket.socket, _request: bytes) -> None:
    time.sleep(5)


@pytest.mark.parametrize("talk", [drip_head, drip_body, drip_chunks, continue_for_ever, silence])
def test_an_answer_that_takes_too_long_ends_at_the_deadline_however_it_dawdles(talk: Talk, to: Any) -> None:
    with serving(talk) as server:
        client = to(server, limits=ONCE)
        started = time.monotonic()

        with pytest.raises(Temporary):
            client.get("/slow")

        assert time.monotonic() - started < 6


def endless(caller: socket.socket, _request: bytes) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        caller.sendall(b"x" * 65536)


def endless_chunks(caller: socket.socket, _request: bytes) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        caller.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def bomb(encoding: str, body: bytes) -> Talk:
    return say("200 OK", body, f"Content-Encoding: {encoding}")


ZEROS = b"0" * 50_000_000


@pytest.mark.parametrize(
    "talk",
    [
        endless,
        endless_chunks,
        say("200 OK", b"x" * 1_000_001),
        say_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx"),
        bomb("gzip", gzip.compress(ZEROS)),
        bomb("deflate", zlib.compress(ZEROS)),
        bomb("gzip, gzip", gzip.compress(gzip.compress(ZEROS))),
    ],
    ids=["endless", "endless chunks", "too long", "said to be too long", "gzip bomb", "deflate bomb", "double bomb"],
)
def test_an_answer_that_is_too_large_is_refused_as_soon_as_it_is(talk: Talk, to: Any) -> None:
    with serving(talk) as server:
        with pytest.raises(Rejected, match="more data"):
            to(server, limits=ONCE).get("/large")

        assert len(server.requests) == 1
    assert ApiCall.objects.get().status_code == 200


def test_a_compressed_answer_is_read(to: Any) -> None:
    with serving(bomb("gzip", gzip.compress(b'{"a": 1}'))) as server:
        assert to(server).get("/").json() == {"a": 1}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_http_is_a_temporary_failure(content: bytes, to: Any) -> None:
    with serving(say_raw(content)) as server, pytest.raises(Temporary):
        to(server, limits=ONCE).get("/")


# --- JSON --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", Temporary),
        (b"[1, 2", Temporary),
        (b"[" * 100_000 + b"]" * 100_000, Temporary),
        (b'{"a":' * 100_000, Temporary),
        (b"NaN", Temporary),
        (b'{"a": Infinity}', Temporary),
        (b"1e999", Temporary),
        (b'"\xff\xfe"', Temporary),
        (b'"\\ud800"', Temporary),
        (b"\xff\xfe{\x00}\x00", Temporary),
        (b"ok", Temporary),
        (b"<!DOCTYPE html><html></html>", Misconfigured),
        (b"  \n<html><body>Sign in</body></html>", Misconfigured),
    ],
)
def test_a_body_that_is_not_json_is_a_failed_call(body: bytes, error: type[Exception], to: Any) -> None:
    with serving(say("200 OK", body)) as server, pytest.raises(error):
        to(server, limits=ONCE).get("/")

    assert not ApiCall.objects.get().success


def test_a_client_that_reads_bytes_takes_any_body(to: Any) -> None:
    with serving(say("200 OK", b"ok", "Content-Type: text/html")) as server:
        assert to(server, reads="bytes").post("/hook", json={"text": "hello"}).body == b"ok"


# --- Trying again ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "put", "delete"])
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_is_idempotent_is_tried_again(method: str, status: int, to: Any) -> None:
    with serving(say(f"{status} X", b"", "Retry-After: 0"), say("200 OK")) as server:
        assert getattr(to(server), method)("/").status == 200

        assert len(server.requests) == 2
    rows = ApiCall.objects.order_by("created_at", "id")
    assert [(row.attempt, row.status_code, row.success) for row in rows] == [(1, status, False), (2, 200, True)]


@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize("talk", [say("503 Busy"), say("429 Slow", b"", "Retry-After: 0"), say_raw(b"")])
def test_what_is_not_idempotent_is_tried_once(method: str, talk: Talk, to: Any) -> None:
    with serving(talk) as server:
        with pytest.raises((Temporary, RateLimited)):
            getattr(to(server), method)("/", json={})

        assert len(server.requests) == 1


def test_a_post_that_may_be_repeated_is(to: Any) -> None:
    with serving(say_raw(b""), say("200 OK", b"{}")) as server:
        assert to(server).post("/", json={"a": 1}, idempotent=True).status == 200

        assert len(server.requests) == 2


def test_it_gives_up_after_the_last_attempt(to: Any) -> None:
    with serving(say("503 Busy")) as server:
        with pytest.raises(Temporary):
            to(server).get("/")

        assert len(server.requests) == 3


@pytest.mark.parametrize("status", ["400 Bad", "401 Who", "403 No", "404 What", "409 Clash", "422 Odd", "301 Moved"])
def test_what_cannot_get_better_is_not_tried_again(status: str, to: Any) -> None:
    with serving(say(status)) as server:
        with pytest.raises(Exception, match="Custom"):
            to(server).get("/")

        assert len(server.requests) == 1


def test_pauses_grow_and_are_not_all_alike(to: Any) -> None:
    with serving(say("503 Busy")) as server:
        client = to(server, limits=Limits(attempts=4, pause=0.1, total=5))
        started = time.monotonic()
        with pytest.raises(Temporary):
            client.get("/")

        # Between half and all of 0.1 + 0.2 + 0.4.
        assert 0.35 <= time.monotonic() - started < 5


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed(form: str, to: Any) -> None:
    value = "1" if form == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with serving(say("429 Slow", b"", f"Retry-After: {value}"), say("200 OK", b"{}")) as server:
        started = time.monotonic()

        assert to(server).get("/").status == 200

        assert 0.9 <= time.monotonic() - started < 10


@pytest.mark.parametrize("status", ["429 Slow", "503 Busy"])
def test_a_wait_beyond_the_cap_is_the_callers(status: str, to: Any) -> None:
    with serving(say(status, b"", "Retry-After: 120")) as server:
        with pytest.raises((RateLimited, Temporary)) as raised:
            to(server).get("/")

        assert raised.value.retry_after == 120
        assert len(server.requests) == 1


def test_no_pause_leads_beyond_the_deadline(to: Any) -> None:
    with serving(say("429 Slow", b"", "Retry-After: 5")) as server:
        started = time.monotonic()
        with pytest.raises(RateLimited):
            to(server, limits=Limits(attempts=5, total=2)).get("/")

        assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 40, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
        ("1445412480", 0),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_as_it_is_written(value: str, seconds: float | None) -> None:
    assert seconds_from(value) == seconds


def test_a_date_in_retry_after_is_seconds_from_now() -> None:
    at = datetime.now(UTC) + timedelta(seconds=90)

    assert 87 <= (seconds_from(format_datetime(at, usegmt=True)) or 0) <= 90


# --- Redirects ---------------------------------------------------------------------------------------------------
def test_a_redirect_is_not_followed_unless_asked(to: Any) -> None:
    with serving(say("302 Found", b"", "Location: /elsewhere")) as server:
        with pytest.raises(Misconfigured, match="another address"):
            to(server).get("/")

        assert len(server.requests) == 1


def test_a_redirect_within_the_same_origin_can_be_followed(to: Any) -> None:
    with serving(say("302 Found", b"", "Location: /b?c=1"), say("200 OK", b"{}")) as server:
        assert to(server, follow_redirects=True).get("/a").status == 200

        assert [request.split()[1] for request in server.requests] == [b"/a", b"/b?c=1"]


def test_redirects_that_go_round_end(to: Any) -> None:
    with serving(say("302 Found", b"", "Location: /again")) as server:
        with pytest.raises(Misconfigured):
            to(server, follow_redirects=True).get("/")

        assert len(server.requests) == 4


def test_a_post_is_never_redirected(to: Any) -> None:
    with serving(say("307 Again", b"", "Location: /b")) as server:
        with pytest.raises(Misconfigured):
            to(server, follow_redirects=True).post("/a", json={})

        assert len(server.requests) == 1


# --- What is sent ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (HeaderKey("X-Api-Key", KEY), b"X-Api-Key: a-key-of-a-decent-length-1234"),
        (BearerKey(KEY), b"Authorization: Bearer a-key-of-a-decent-length-1234"),
        (BearerKey(KEY, "Zoho-oauthtoken"), b"Authorization: Zoho-oauthtoken a-key-of-a-decent-length-1234"),
        (BasicKey("AC1", KEY), b"Authorization: Basic QUMxOmEta2V5LW9mLWEtZGVjZW50LWxlbmd0aC0xMjM0"),
        (QueryKey("api_token", KEY), b"GET /base/x?page=2&api_token=a-key-of-a-decent-length-1234 "),
        (PathKey(Secret("services/T0/B0/abcdefghijklmnop")), b"GET /base/services/T0/B0/abcdefghijklmnop/x?page=2 "),
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
        client.get("/a?x=1", params={"recorded_by[]": ["a@b.c", "d@e.f"], "deep": True, "none": None})
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


@pytest.mark.parametrize("path", ["/../admin", "/a/../../b", "/./x", "/a\\b", "/a b", "/a\r\nX: y", "/\x00"])
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


# --- Connections -------------------------------------------------------------------------------------------------
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
def test_threads_share_a_client_and_never_each_others_answers(to: Any) -> None:
    def echo(caller: socket.socket, request: bytes) -> None:
        body = b'{"path": "%b"}' % request.split()[1]
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with serving(echo) as server:
        client = to(server)

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
            sent = transport.send("GET", f"{server.url}/child", headers={}, body=None, timeouts=(1, 1))
            os._exit(0 if sent.status_code == 200 else 1)

        assert os.waitpid(child, 0)[1] == 0
        to(server).get("/parent")
        assert [request.split()[1] for request in server.requests] == [b"/", b"/child", b"/parent"]
        assert server.connections == 2


@responses.activate
def test_the_edge_can_be_mocked_where_a_test_needs_no_server() -> None:
    responses.get("https://api.example.com/v1/x", json={"a": 1})

    assert Client("custom", "test", "https://api.example.com/v1").get("/x").json() == {"a": 1}
