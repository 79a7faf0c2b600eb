"""Bodies are whole, in time and within their limit before anything behind is asked."""

import asyncio
import gc
import json
import weakref

import pytest

from core.serving import bodies, memory
from core.serving.bodies import ANONYMOUS_BODY, WholeBodies

FORM = "multipart/form-data; boundary=x"


class Behind:
    """The application behind: it notes the bodies that it was given."""

    def __init__(self, wait=None):
        self.given = []
        self.arrived = asyncio.Queue()
        self.wait = wait

    async def __call__(self, scope, receive, send):
        message = await receive()
        self.given.append((message["body"], message["more_body"]))
        self.arrived.put_nowait(scope)
        if self.wait:
            await self.wait.wait()
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"behind"})


class Sent:
    """One request, its body in the pieces given; after them the sender is silent, or gone."""

    def __init__(self, pieces, headers=None, path="/api/auth/token", gone=False, more=False):
        named = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        self.scope = {"type": "http", "method": "POST", "path": path, "headers": named}
        self.pieces = list(pieces)
        self.gone = gone
        self.more = more
        self.status = None
        self.headers = {}
        self.body = b""

    async def receive(self):
        if self.pieces:
            piece = self.pieces.pop(0)
            return {
                "type": "http.request",
                "body": piece,
                "more_body": bool(self.pieces) or self.gone or self.more,
            }
        if not self.gone:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.status = message.get("status", self.status)
        self.headers |= {
            name.decode(): value.decode() for name, value in message.get("headers", [])
        }
        self.body += message.get("body", b"")

    async def to(self, application):
        await application(self.scope, self.receive, self.send)
        return self


def through(sent, behind):
    return asyncio.run(sent.to(WholeBodies(behind)))


@pytest.mark.parametrize("headers", [{"content-length": "6"}, {"transfer-encoding": "chunked"}])
def test_a_body_is_handed_on_in_one_piece(headers):
    behind = Behind()
    assert through(Sent([b"ab", b"cd", b"ef"], headers), behind).status == 299
    assert behind.given == [(b"abcdef", False)]


def test_a_request_without_a_body_goes_straight_on():
    behind = Behind()
    assert through(Sent([b""]), behind).status == 299
    assert through(Sent([b""], {"content-length": "0"}), behind).status == 299


def test_a_body_that_does_not_come_is_408_and_never_reaches_the_threads(monkeypatch):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    behind = Behind()
    sent = through(Sent([b"{"], {"content-length": "1000"}, more=True), behind)
    assert (sent.status, sent.headers["connection"]) == (408, "close")
    answer = json.loads(sent.body)
    assert (answer["success"], answer["error"]) == (False, "too_slow")
    assert answer["requestId"] == sent.headers["x-request-id"]
    assert behind.given == []


def test_a_sender_that_goes_away_leaves_nothing():
    behind = Behind()
    assert through(Sent([b"{"], {"content-length": "1000"}, gone=True), behind).status is None
    assert behind.given == []


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({}, ANONYMOUS_BODY),
        ({"content-type": FORM}, ANONYMOUS_BODY),
        ({"cookie": "csrftoken=x"}, ANONYMOUS_BODY),
        ({"cookie": "csrftoken=x; sessionid=y"}, 5 * 1024 * 1024),
        ({"authorization": "Bearer x"}, 5 * 1024 * 1024),
        ({"cookie": "sessionid=y", "content-type": FORM}, 20 * 1024 * 1024),
    ],
)
def test_how_large_a_body_may_be_follows_from_what_its_sender_shows(headers, limit):
    behind = Behind()
    pieces = [b"x" * 65536] * (limit // 65536)
    assert through(Sent(pieces, {**headers, "transfer-encoding": "chunked"}), behind).status == 299
    assert len(behind.given[0][0]) == limit
    for declared in ({"transfer-encoding": "chunked"}, {"content-length": str(limit + 1)}):
        assert through(Sent([*pieces, b"x"], {**headers, **declared}), behind).status == 413
    assert through(Sent([b""], {**headers, "content-length": "9" * 30}), behind).status == 413
    assert len(behind.given) == 1


def test_an_endless_body_is_not_read_to_its_end():
    sent = through(Sent([b"x" * 1024 * 1024] * 100, {"transfer-encoding": "chunked"}), Behind())
    assert sent.status == 413
    assert len(sent.pieces) > 90


def test_a_page_says_it_in_words():
    sent = through(Sent([b""], {"content-length": str(10**9)}, path="/sign-in"), Behind())
    assert (sent.status, sent.headers["content-type"]) == (413, "text/plain; charset=utf-8")
    assert sent.body == b"The request is too large. Send less at a time."


def test_only_so_many_large_bodies_are_kept_at_a_time_and_small_ones_pass_by():
    async def attempt():
        finish = asyncio.Event()
        behind = Behind(finish)
        application = WholeBodies(behind)
        large = {"authorization": "Bearer x", "content-length": "100000"}
        working = [
            asyncio.create_task(Sent([b"x" * 100_000], large).to(application)) for _ in range(8)
        ]
        for _ in range(8):
            await behind.arrived.get()
        refused = await Sent([b"x" * 100_000], large).to(application)
        small = asyncio.create_task(Sent([b"x"], {"content-length": "1"}).to(application))
        await behind.arrived.get()
        finish.set()
        answered = [sent.status for sent in await asyncio.gather(*working, small)]
        after = await Sent([b"x" * 100_000], large).to(application)
        return refused, answered, after.status

    refused, answered, after = asyncio.run(attempt())
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert answered == [299] * 9
    assert after == 299


class Kept:
    """Something that refers to itself, as the traceback of a refusal does."""

    def __init__(self):
        self.itself = self


@pytest.mark.parametrize(("size", "stays"), [(100_000, False), (100, True)])
def test_what_a_large_body_left_in_memory_is_given_back_a_while_after_it(size, stays, monkeypatch):
    monkeypatch.setattr(memory, "RELEASE_SECONDS", 0.05)

    async def attempt():
        large = {"authorization": "Bearer x", "content-length": str(size)}
        await Sent([b"x" * size], large).to(WholeBodies(Behind()))
        left = weakref.ref(Kept())
        await asyncio.sleep(0.2)
        return left() is not None

    gc.disable()
    try:
        assert asyncio.run(attempt()) is stays
    finally:
        gc.enable()


def test_a_slow_line_may_send_a_large_body_as_long_as_it_goes_on(monkeypatch):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(bodies, "BYTES_PER_SECOND", 1_000)

    class Slow(Sent):
        async def receive(self):
            await asyncio.sleep(0.05)
            return await super().receive()

    behind = Behind()
    sent = through(Slow([b"x" * 200] * 6, {"content-length": "1200"}), behind)
    assert sent.status == 299
