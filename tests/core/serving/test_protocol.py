"""Heads that do not end, heads without measure, and answers that nobody reads,
over real connections.
"""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from core.serving import protocol

LARGE_ANSWER = 8 * 1024 * 1024


async def app(scope, receive, send):
    """All of the body is read; the answer is as long as the path asks for."""
    while (await receive()).get("more_body"):
        pass
    scope["state"]["started"].set()
    size = LARGE_ANSWER if scope["path"] == "/large" else 2
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"%d" % size)],
        }
    )
    for sent in range(0, size, 65536):
        piece = b"x" * min(65536, size - sent)
        await send(
            {"type": "http.response.body", "body": piece, "more_body": sent + len(piece) < size}
        )


@asynccontextmanager
async def connected(receive_buffer=0):
    """A client of a server that speaks by our protocol."""
    config = uvicorn.Config(app, log_level="critical")
    config.load()
    server_state = ServerState()
    state = {"started": asyncio.Event(), "server": server_state}
    loop = asyncio.get_running_loop()
    make = lambda: protocol.Protocol(config=config, server_state=server_state, app_state=state)  # noqa: E731
    async with await loop.create_server(make, "127.0.0.1", 0) as server:
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(0)
        await loop.sock_connect(client, server.sockets[0].getsockname())
        reader, writer = await asyncio.open_connection(sock=client)
        yield reader, writer, state
        writer.close()
        server.close()


async def answer_to(*pieces):
    """What comes back until the connection ends, the pieces sent one after the other."""
    async with connected() as (reader, writer, _):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            return await reader.read()


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(protocol, "UNREAD_SECONDS", 0.1)


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"GET / HTTP/1.1\r\nHost: x\r\n",),
        (b"GET / HTTP/1.1\r\n", b"A: b\r\n", b"A: b\r\n"),
        (b"\r\n\r\n",),
    ],
    ids=["silence", "unfinished", "in drops", "empty lines"],
)
def test_a_head_that_does_not_end_is_408(soon, pieces):
    assert b"HTTP/1.1 408 " in asyncio.run(answer_to(*pieces))


@pytest.mark.parametrize(
    "pieces",
    [
        (b"GET /" + b"a" * 70_000,),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 12_000,),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000,),
    ],
    ids=["address", "many headers", "one header"],
)
def test_a_head_without_measure_is_431(pieces):
    assert asyncio.run(answer_to(*pieces)).startswith(b"HTTP/1.1 431 ")


def test_a_second_head_that_does_not_end_is_408(soon):
    async def attempt():
        async with connected() as (reader, writer, _):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            first = await reader.readuntil(b"\r\n\r\nxx")
            writer.write(b"GET / HTTP/1.1\r\n")
            async with asyncio.timeout(10):
                return first, await reader.read()

    first, second = asyncio.run(attempt())
    assert first.startswith(b"HTTP/1.1 200 ")
    assert second.startswith(b"HTTP/1.1 408 ")


def test_trailers_without_measure_end_the_connection():
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    assert asyncio.run(answer_to(head + b"A: b\r\n" * 12_000)) == b""


def test_small_chunks_are_no_head_without_measure():
    chunks = b"".join(b"1\r\n%s\r\n" % bytes([65 + n % 26]) for n in range(50_000))
    ending = (
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunks
    )
    assert asyncio.run(answer_to(ending + b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


def test_a_reader_who_does_not_read_is_left(soon):
    async def attempt():
        async with connected(receive_buffer=4096) as (_reader, writer, state):
            writer.transport.pause_reading()
            writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(10):
                await state["started"].wait()
                await asyncio.gather(*state["server"].tasks)
            return state["server"].total_requests

    assert asyncio.run(attempt()) == 0, (
        "the answer was never taken, and nobody waits for that any more"
    )


def test_a_slow_request_is_no_late_head(soon):
    """The head was there in time: what the application does with it may take
    as long as it likes.
    """

    async def attempt():
        async with connected() as (reader, writer, _):
            writer.write(
                b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n"
            )
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await reader.read()
            writer.write(b"x")
            return await reader.read()

    assert asyncio.run(attempt()).startswith(b"HTTP/1.1 200 ")
