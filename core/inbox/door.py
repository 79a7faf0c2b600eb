"""The door as config.asgi serves it: deliveries past Django's middleware,
everything else handed on.

A delivery costs a look at its address, its proof, one parse and a place in the next commit.
Look-ups of secrets may read the database, so they run in threads, and what they say is used again
for a moment. A kept answer only ever lets in: before a refusal the look-up is made afresh, so that
a secret saved a moment ago counts at once.
"""

import asyncio
import os
import time
from collections.abc import Iterable
from types import SimpleNamespace

from django.conf import settings
from django.db import OperationalError, connections

from core.health import counters
from core.inbox.arrivals import (
    Arrival,
    Refused,
    Sender,
    not_available,
    too_large,
    too_slow,
    wrong_method,
)
from core.inbox.group_commit import GroupCommit
from core.inbox.hints import Hints
from core.inbox.receiving import Delivery, error_body, receive
from core.inbox.sources import Source, source_at
from core.models import InboundEvent
from core.serving.bodies import (
    App,
    BodyTooLarge,
    BodyTooSlow,
    Disconnected,
    Receive,
    Scope,
    Send,
    read_body,
)
from core.serving.client_ip import client_ip

KEPT_SECONDS = 1.0
KEPT_MOST = 10_000
# A larger body is read in a thread: parsing it would hold everybody else up.
LARGE = 128 * 1024


class Door:
    """An ASGI application in front of another."""

    def __init__(self, otherwise: App) -> None:
        self.otherwise = otherwise
        self.group_commit = GroupCommit()
        self.hints = Hints()
        self._kept: dict[tuple[str, ...], tuple[float, tuple[Sender, ...]]] = {}

    async def __call__(self, scope: Scope, receive_: Receive, send: Send) -> None:
        found = None
        if scope["type"] == "http":
            found = source_at(scope["path"])
        if found is None:
            await self.otherwise(scope, receive_, send)
            return
        source, path = found
        request_id = os.urandom(16).hex()
        status, body, extra = await self._answer(source, path, scope, receive_, request_id)
        if status:
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
                (b"x-request-id", request_id.encode()),
                *extra,
            ]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, source: Source, path: dict[str, str], scope: Scope, receive_: Receive, request_id: str
    ) -> tuple[int, bytes, Iterable[tuple[bytes, bytes]]]:
        try:
            await self._take(source, await _arrival(scope, receive_, path, request_id))
        except Disconnected:
            counters.add("webhooks", source.name, "disconnected")
            return 0, b"", ()
        except Refused as refused:
            counters.add("webhooks", source.name, refused.reason)
            return refused.status, error_body(refused, request_id), _extra_headers(refused)
        return source.answer[0], source.answer_body, ()

    async def _take(self, source: Source, arrival: Arrival) -> None:
        delivery = await self._received(source, arrival)
        fresh = await self.group_commit.store(delivery)
        outcome = "repeated"
        if fresh:
            outcome = "stored"
        counters.add("webhooks", source.name, outcome)
        if fresh and delivery.processing_status == InboundEvent.Status.PENDING:
            self.hints.give(delivery.id)

    async def _received(self, source: Source, arrival: Arrival) -> Delivery:
        kept = self._kept.get(_place(source, arrival))
        if kept and kept[0] > time.monotonic():
            try:
                return await _read(source, arrival, kept[1])
            except Refused as refused:
                if refused.status != 401:
                    raise
        return await _read(source, arrival, await self._senders(source, arrival))

    async def _senders(self, source: Source, arrival: Arrival) -> tuple[Sender, ...]:
        senders = await asyncio.to_thread(_look_up, source, arrival)
        if len(self._kept) >= KEPT_MOST:
            self._kept.clear()
        self._kept[_place(source, arrival)] = (time.monotonic() + KEPT_SECONDS, senders)
        return senders


async def _read(source: Source, arrival: Arrival, senders: tuple[Sender, ...]) -> Delivery:
    if len(arrival.body) > LARGE:
        return await asyncio.to_thread(receive, source, arrival, senders)
    return receive(source, arrival, senders)


def _place(source: Source, arrival: Arrival) -> tuple[str, ...]:
    return (source.name, *arrival.path.values())


def _look_up(source: Source, arrival: Arrival) -> tuple[Sender, ...]:
    try:
        return source.verifier.senders(arrival.path)
    except OperationalError as error:
        raise not_available() from error
    finally:
        connections.close_all()


async def _arrival(
    scope: Scope, receive_: Receive, path: dict[str, str], request_id: str
) -> Arrival:
    if scope["method"] != "POST":
        raise wrong_method()
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body = await _body(headers.get("content-length", ""), receive_)
    client = scope.get("client")
    address = ""
    if client:
        address = client[0]
    meta = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": headers.get("x-forwarded-for", "")}
    return Arrival(path, headers, body, client_ip(SimpleNamespace(META=meta)), request_id)


async def _body(declared: str, receive_: Receive) -> bytes:
    limit = settings.WEBHOOK_MAX_BODY
    try:
        return await read_body(receive_, declared, limit, most=4 * limit)
    except BodyTooLarge as error:
        raise too_large(limit) from error
    except BodyTooSlow as error:
        raise too_slow() from error


def _extra_headers(refused: Refused) -> Iterable[tuple[bytes, bytes]]:
    if refused.status in (408, 413):
        # The rest of the body may still be on its way: this connection serves nothing more.
        yield b"connection", b"close"
    elif refused.status == 405:
        yield b"allow", b"POST"
    elif refused.status == 503:
        yield b"retry-after", b"5"
