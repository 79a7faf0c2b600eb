"""LiveKit's worked deliveries through config.asgi itself:
taken as they are, each altered one 401, never a 500.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from config.asgi import application
from core.models import InboundEvent
from tests.calls.rooms import ADDRESSES, authorization, livekit  # noqa: F401
from tests.calls.test_livekit_vectors import BODY_A, BODY_B, TOKEN_A, TOKEN_B

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("livekit")]
GIVEN = [(BODY_A, TOKEN_A), (BODY_B, TOKEN_B)]


@pytest.fixture(autouse=True)
def no_connection_stays() -> Iterator[None]:
    yield
    application.group_commit._writer.close()


def deliver(deliveries: list[tuple[str, bytes, str]]) -> list[int]:
    """The status that each gets, all of them at once."""

    async def status_of(path: str, body: bytes, token: str) -> int:
        headers = [
            (b"content-type", b"application/webhook+json"),
            (b"authorization", token.encode("latin-1")),
        ]
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": headers,
            "client": ("10.1.1.1", 5),
        }
        messages: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await application(scope, receive, send)
        return int(messages[0]["status"])

    async def every() -> list[int]:
        return await asyncio.gather(*(status_of(*delivery) for delivery in deliveries))

    return asyncio.run(every())


def altered(body: bytes, token: str) -> list[tuple[bytes, str]]:
    head, claims, signature = token.split(".")
    return [
        (body + b" ", token),
        (body[:-1], token),
        (body.replace(b'":', b'": '), token),
        (body.replace(b"meeting-42", b"meeting-43"), token),
        (b"", token),
        (b"\xff" + body, token),
        (body, ""),
        (body, "Bearer " + token),
        (body, token[:-4]),
        (body, f"{head}.{claims}."),
        (body, f"{head}.{claims}.{signature[::-1]}"),
        (body, "a.b.c"),
        (body, "\xff\xfe"),
        (body, authorization(body, secret="another-made-up-secret-0123456789abcdef")),
        (body, authorization(body, iss="APIsomebodyElse")),
        (body, authorization(body, exp=1767225600)),
        (body, authorization(body, exp=None)),
        (body, authorization(body, sha256=None)),
        (body, authorization(body, sha256="7")),
        (body, authorization(b"another body")),
    ]


def test_each_altered_delivery_is_refused_and_nothing_is_kept() -> None:
    bad = [
        (path, *delivery)
        for path in ADDRESSES
        for body, token in GIVEN
        for delivery in altered(body, token)
    ]

    assert deliver(bad) == [401] * len(bad)
    assert not InboundEvent.objects.exists()


def test_the_worked_deliveries_are_taken_and_kept_once() -> None:
    assert (
        deliver([(path, *delivery) for path in ADDRESSES for delivery in GIVEN] * 3) == [200] * 12
    )

    stored = InboundEvent.objects.order_by("delivery_id").values_list("delivery_id", "event_type")
    assert list(stored) == [
        ("EV_testvector01", "room_finished"),
        ("EV_testvector02", "egress_ended"),
    ]
