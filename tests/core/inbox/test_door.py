"""The door as config.asgi serves it: shared commits, bodies of any shape, look-ups that are fresh
before a refusal.
"""

import asyncio
import json
import uuid

import pytest
from django.db import connection

from core.inbox import door as door_module
from core.inbox.door import Door
from core.models import InboundEvent
from core.serving import bodies
from tests.support.deliveries import (
    BY_TOKEN,
    STANDARD,
    body_of,
    standard_headers,
    standard_signature,
)

pytestmark = pytest.mark.django_db(transaction=True)


async def elsewhere(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"Django"})


@pytest.fixture
def door():
    made = Door(elsewhere)
    yield made
    made.group_commit._writer.close()


class Call:
    """One request to the door, its body in the chunks given."""

    def __init__(self, path, chunks, headers=None, method="POST", gap=0.0):
        named = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": named,
            "client": ("10.1.1.1", 5),
        }
        self.chunks = list(chunks)
        self.gap = gap
        self.status = None
        self.headers = {}
        self.body = b""

    async def receive(self):
        if self.gap:
            await asyncio.sleep(self.gap)
        if not self.chunks:
            return {"type": "http.disconnect"}
        chunk = self.chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks)}

    async def send(self, message):
        self.status = message.get("status", self.status)
        self.headers |= {
            name.decode(): value.decode() for name, value in message.get("headers", [])
        }
        self.body += message.get("body", b"")

    async def through(self, door):
        await door(self.scope, self.receive, self.send)
        return self


def signed(number, delivery=""):
    body = body_of({"number": number})
    return Call(STANDARD, [body], standard_headers(body, delivery or uuid.uuid4().hex))


async def all_through(door, calls):
    return await asyncio.gather(*(call.through(door) for call in calls))


def test_everything_else_goes_on_to_django(door):
    for path in (
        "/",
        "/api/webhooks",
        "/api/webhooks/probe-standard/more",
        "/api/webhooks/unknown",
    ):
        assert asyncio.run(Call(path, [b""]).through(door)).status == 299


def test_many_at_once_share_commits_and_are_all_stored(door):
    calls = asyncio.run(all_through(door, [signed(number) for number in range(200)]))

    assert {(call.status, call.body) for call in calls} == {(202, b'{"success":true}')}
    assert sorted(event.event_data["number"] for event in InboundEvent.objects.all()) == list(
        range(200)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM webhook_events")
        assert cursor.fetchone()[0] < 50, "transactions for 200 deliveries"


def test_twins_in_one_commit_are_stored_once(door):
    calls = asyncio.run(all_through(door, [signed(1, "twin") for _ in range(20)]))

    assert {call.status for call in calls} == {202}
    assert InboundEvent.objects.count() == 1


def test_nobody_is_answered_before_the_commit(door):
    """The row that the answer promises is held back by a lock:
    no answer comes until the lock is gone.
    """

    async def attempt():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE webhook_receipts IN SHARE MODE")
            call = signed(1)
            waiting = asyncio.create_task(call.through(door))
            await asyncio.sleep(0.5)
            answered_early = call.status
            cursor.execute("ROLLBACK")
            await waiting
            return answered_early, call.status

    assert asyncio.run(attempt()) == (None, 202)


def test_one_that_postgresql_refuses_costs_the_others_nothing(door, monkeypatch):
    monkeypatch.setattr(
        "core.inbox.receiving.read", lambda body, **_how: ({}, _poisoned(body), False)
    )

    calls = asyncio.run(all_through(door, [signed(number) for number in range(5)]))

    assert [call.status for call in calls] == [202, 202, 202, 400, 202]
    assert InboundEvent.objects.count() == 4


def _poisoned(body):
    """What no parser of ours lets through, to see what the storing does with it."""
    return b'{"a":"\\u0000"}' if b'"number": 3}' in body else body


def test_without_a_database_the_sender_is_asked_to_come_again(door, settings):
    settings_dict = connection.settings_dict
    port = settings_dict["PORT"]
    settings_dict["PORT"] = 1
    try:
        call = asyncio.run(signed(1).through(door))
    finally:
        settings_dict["PORT"] = port

    assert call.status == 503
    assert call.headers["retry-after"] == "5"
    assert json.loads(call.body)["error"] == "Try again"
    assert asyncio.run(signed(2).through(door)).status == 202


def test_a_lost_connection_is_opened_again(door):
    assert asyncio.run(signed(1).through(door)).status == 202
    writers = door.group_commit._writer._connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [writers])

    assert asyncio.run(signed(2).through(door)).status == 202
    assert InboundEvent.objects.count() == 2


def test_a_body_in_pieces_is_one_body(door):
    body = body_of({"number": 1})
    pieces = [body[index : index + 1] for index in range(len(body))]

    assert asyncio.run(Call(STANDARD, pieces, standard_headers(body)).through(door)).status == 202


@pytest.mark.parametrize(
    ("declared", "pieces"),
    [
        ("5001", [b"x"]),
        ("99999999999999999999999999", [b"x"]),
        ("10", [b"x" * 6000]),
        ("", [b"x" * 1000] * 6),
        ("nonsense", [b"x" * 1000] * 600),
        ("²", [b"x" * 6000]),
    ],
    ids=["declared", "declared absurdly", "lied", "not declared", "endless", "odd digit"],
)
def test_too_large_is_too_large_however_it_is_declared(door, settings, declared, pieces):
    settings.WEBHOOK_MAX_BODY = 5000
    call = asyncio.run(
        Call(BY_TOKEN, pieces, {"content-length": declared} if declared else {}).through(door)
    )

    if declared == "5001":
        assert call.status == 400, "one byte came after all, and it is no JSON"
    else:
        assert call.status == 413
        assert call.headers["connection"] == "close"
        assert len(call.chunks) >= len(pieces) - 22, "an endless body is not read to its end"
    assert not InboundEvent.objects.exists()


def test_a_body_that_does_not_come_is_given_up(door, monkeypatch):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    call = asyncio.run(Call(STANDARD, [b"{", b"}"], gap=0.5).through(door))

    assert call.status == 408


def test_a_sender_that_goes_away_leaves_nothing(door):
    call = Call(STANDARD, [])

    asyncio.run(call.through(door))

    assert call.status is None
    assert not InboundEvent.objects.exists()


def test_a_secret_saved_a_moment_ago_counts_at_once(door, monkeypatch):
    other = "whsec_YW5vdGhlci1zZWNyZXQtb2YtdGhlLXByb2Jl"

    async def change():
        first = await signed(1).through(door)
        monkeypatch.setenv("PROBE_STANDARD_SECRET", other)
        body = body_of({"number": 2})
        headers = standard_headers(body, "msg_2")
        headers["webhook-signature"] = standard_signature(
            body, "msg_2", headers["webhook-timestamp"], other
        )
        return first.status, (await Call(STANDARD, [body], headers).through(door)).status

    assert asyncio.run(change()) == (202, 202)


def test_a_secret_taken_away_stops_working(door, monkeypatch):
    monkeypatch.setattr(door_module, "KEPT_SECONDS", 0.1)

    async def take_away():
        first = await signed(1).through(door)
        monkeypatch.setenv("PROBE_STANDARD_SECRET", "")
        await asyncio.sleep(0.15)
        return first.status, (await signed(2).through(door)).status

    assert asyncio.run(take_away()) == (202, 503)


def test_a_forger_is_refused_again_and_again(door):
    async def forge():
        good = await signed(1).through(door)
        bad = [
            await Call(STANDARD, [b"{}"], standard_headers(b"{ }")).through(door) for _ in range(5)
        ]
        return good.status, {call.status for call in bad}

    assert asyncio.run(forge()) == (202, {401})
    assert InboundEvent.objects.count() == 1


def test_a_large_body_is_stored_like_a_small_one(door):
    body = body_of({"number": 1, "text": "x" * 500_000})

    assert asyncio.run(Call(STANDARD, [body], standard_headers(body)).through(door)).status == 202
    assert len(InboundEvent.objects.get().event_data["text"]) == 500_000


def test_only_post_delivers(door):
    call = asyncio.run(Call(STANDARD, [b""], method="GET").through(door))

    assert (call.status, call.headers["allow"]) == (405, "POST")
