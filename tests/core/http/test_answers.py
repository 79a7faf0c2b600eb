"""What the client takes for an answer: how long it waits, how much it reads, and what is JSON."""

import gzip
import json
import socket
import time
import zlib
from typing import Any

import pytest
from django.db import connection

from core.errors import Misconfigured, Rejected, Temporary
from core.http import Limits, lenient
from core.models import ApiCall
from tests.support.raw_server import Talk, say, say_raw, serving

pytestmark = pytest.mark.django_db
ONCE = Limits(attempts=1, connect=1, read=1, total=1.5, body=1_000_000)


# --- Time and size --------------------------------------------------------------------------------
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
def test_an_answer_that_takes_too_long_ends_at_the_deadline_however_it_dawdles(
    talk: Talk, to: Any
) -> None:
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
    ids=[
        "endless",
        "endless chunks",
        "too long",
        "said to be too long",
        "gzip bomb",
        "deflate bomb",
        "double bomb",
    ],
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


# --- JSON -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", Temporary),
        (b"[1, 2", Temporary),
        (b"[" * 100_000 + b"]" * 100_000, Temporary),
        (b'{"a":' * 100_000, Temporary),
        (b"[" * 900 + b"\x01" + b"]" * 900, Temporary),
        (b'"\xff' + b"[" * 5000, Temporary),
        (b"NaN", Temporary),
        (b'{"a": Infinity}', Temporary),
        (b"1e999", Temporary),
        (b"\xff\xfe{\x00}\x00", Temporary),
        (b"ok", Temporary),
        (b"<!DOCTYPE html><html></html>", Misconfigured),
        (b"  \n<html><body>Sign in</body></html>", Misconfigured),
    ],
)
def test_a_body_that_is_not_json_is_a_failed_call(
    body: bytes, error: type[Exception], to: Any
) -> None:
    with serving(say("200 OK", body)) as server, pytest.raises(error):
        to(server, limits=ONCE).get("/")

    assert not ApiCall.objects.get().success


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"a": "line\nbreak\ttab\x01"}', {"a": "line\nbreak\ttab\x01"}),
        (b'{"a": "raw \x00 NUL"}', {"a": "raw \ufffd NUL"}),
        (b'{"a": ["\\u0000", {"\\u0000b": 1}]}', {"a": ["\ufffd", {"\ufffdb": 1}]}),
        (b'{"a": "\xff\xfe", "b": "\xc3\xa9"}', {"a": "\ufffd\ufffd", "b": "\xe9"}),
        (b'{"a": "\\ud800 \\udc00x \\ud83d\\ude00"}', {"a": "\ufffd \ufffdx \U0001f600"}),
        (b'[1.5, 2, true, null, "\x1f"]', [1.5, 2, True, None, "\x1f"]),
    ],
)
def test_what_is_not_quite_json_is_read_and_can_be_stored(body: bytes, read: Any, to: Any) -> None:
    with serving(say("200 OK", body)) as server:
        answer = to(server, limits=ONCE).get("/")

    assert answer.json() == read
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb", [json.dumps(read)])
        assert json.loads(cursor.fetchone()[0]) == read


def test_numbers_that_are_none_are_read_as_null_where_that_is_asked_for() -> None:
    assert lenient.loads(b'{"a": [NaN, -Infinity, 1e999, 1e3]}', odd_numbers=True) == {
        "a": [None, None, None, 1000.0]
    }
    with pytest.raises(ValueError, match="no number"):
        lenient.loads(b'{"a": 1e999}')


def test_a_body_is_parsed_once(to: Any) -> None:
    with serving(say("200 OK", b'{"a": [1]}')) as server:
        answer = to(server).get("/")

    assert answer.json() is answer.json()


def test_a_client_that_reads_bytes_takes_any_body(to: Any) -> None:
    with serving(say("200 OK", b"ok", "Content-Type: text/html")) as server:
        assert to(server, reads="bytes").post("/hook", json={"text": "hello"}).body == b"ok"
