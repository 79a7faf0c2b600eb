"""Bodies are read here, to a limit and a deadline, before one of Django's few threads is taken
for the request.

A thread that reads from a connection waits for whoever sends: eight senders of one byte at a time
would be enough to stop the site. A body waits in the event loop instead, where it costs its own
bytes alone.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, Final

import orjson
from django.conf import settings

from core.api.errors import RETRY_AFTER, body_for
from core.api.paths import is_api_path
from core.serving.memory import Release

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

# The first bytes may take so long; what comes after them, as long as it comes at this pace.
BODY_SECONDS = 15
BYTES_PER_SECOND: Final = 50_000
# Whoever shows neither a session nor a token may send a form or a pair of tokens,
# and nothing larger.
ANONYMOUS_BODY: Final = 64 * 1024
FORM_WITH_FILES: Final = 20 * 1024 * 1024
# So much beyond its limit a body is read on and thrown away:
# a sender that is still sending sees no answer.
THROWN_AWAY: Final = 8 * 1024 * 1024
# Bodies larger than an anonymous one that one process keeps at a time.
MOST_LARGE: Final = 8


class Disconnected(Exception):
    """The sender went away before its body was complete: nobody is left to answer."""


class BodyTooLarge(Exception):
    """It is larger than its sender may send."""


class BodyTooSlow(Exception):
    """It did not come in time."""


class TooManyBodies(Exception):
    """Other large bodies are being worked; this one is to come again."""


REFUSALS: Final[dict[type[Exception], int]] = {
    BodyTooLarge: 413,
    BodyTooSlow: 408,
    TooManyBodies: 503,
}


async def read_body(receive: Receive, declared: str, limit: int, most: int) -> bytes:
    """Return the whole body, however it says how long it is.

    Never more than `limit` is kept, nor more than `most` read.
    """
    if declared.isdecimal() and int(declared[:20]) > most:
        raise BodyTooLarge
    kept = bytearray()
    size = 0
    started = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(BODY_SECONDS) as deadline:
            more = True
            while more and size <= most:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                chunk = message.get("body", b"")
                size += len(chunk)
                if size <= limit:
                    kept += chunk
                more = message.get("more_body", False)
                deadline.reschedule(started + BODY_SECONDS + size / BYTES_PER_SECOND)
    except TimeoutError as error:
        raise BodyTooSlow from error
    if size > limit:
        raise BodyTooLarge
    return bytes(kept)


class WholeBodies:
    """An ASGI application in front of another, which is given a request when all
    of its body has come.
    """

    def __init__(self, otherwise: App) -> None:
        self.otherwise = otherwise
        self.large = 0
        self.memory = Release()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {}
        if scope["type"] == "http":
            headers = dict(scope["headers"])
        if b"transfer-encoding" not in headers and headers.get(b"content-length", b"0") == b"0":
            await self.otherwise(scope, receive, send)
            return
        limit = limit_of(headers)
        declared = headers.get(b"content-length", b"").decode("latin-1")
        try:
            async with self._room(declared, limit):
                body = await read_body(receive, declared, limit, limit + THROWN_AWAY)
                await self.otherwise(scope, _again(body, receive), send)
        except Disconnected:
            return
        except tuple(REFUSALS) as refusal:
            await refuse(scope, send, REFUSALS[type(refusal)])

    @asynccontextmanager
    async def _room(self, declared: str, limit: int) -> AsyncIterator[None]:
        """Take a place among the large bodies, where this may be one,
        until its request is answered.
        """
        small = limit <= ANONYMOUS_BODY
        if declared.isdecimal():
            small = small or int(declared[:20]) <= ANONYMOUS_BODY
        if not small and self.large >= MOST_LARGE:
            raise TooManyBodies
        self.large += not small
        try:
            yield
        finally:
            self.large -= not small
            if not small:
                self.memory.soon()


def limit_of(headers: MutableMapping[bytes, bytes]) -> int:
    """Return how large this body may be.

    A session or a token that is shown may be false: a thread will look at it.
    """
    session = settings.SESSION_COOKIE_NAME.encode()
    if b"authorization" not in headers and session not in headers.get(b"cookie", b""):
        return ANONYMOUS_BODY
    if headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data"):
        return FORM_WITH_FILES
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _again(body: bytes, receive: Receive) -> Receive:
    """Make a `receive` for the application behind: the body in one piece,
    then what the connection says.
    """
    waiting = [body]

    async def replay() -> MutableMapping[str, Any]:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


async def refuse(scope: Scope, send: Send, status: int) -> None:
    """Send the house's error body where the address is the API's, else its sentence;
    and end the connection.
    """
    refusal = {**body_for(status), "requestId": os.urandom(16).hex()}
    if is_api_path(scope["path"]):
        content_type, body = b"application/json", orjson.dumps(refusal)
    else:
        content_type, body = b"text/plain; charset=utf-8", refusal["message"].encode()
    headers = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", refusal["requestId"].encode()),
        (b"cache-control", b"no-store"),
        # The rest of the body may still be on its way: this connection serves nothing more.
        (b"connection", b"close"),
    ]
    if status == 503:
        headers.append((b"retry-after", RETRY_AFTER.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
