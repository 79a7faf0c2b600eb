"""When the client tries again, how long it waits before, and where a redirect leads."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from core.errors import Misconfigured, RateLimited, Temporary
from core.http import Limits
from core.http.answers import seconds_from
from core.models import ApiCall
from tests.support.raw_server import Talk, say, say_raw, serving

pytestmark = pytest.mark.django_db


# --- Trying again ---------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "put", "delete"])
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_is_idempotent_is_tried_again(method: str, status: int, to: Any) -> None:
    with serving(say(f"{status} X", b"", "Retry-After: 0"), say("200 OK")) as server:
        assert getattr(to(server), method)("/").status == 200

        assert len(server.requests) == 2
    rows = ApiCall.objects.order_by("created_at", "id")
    assert [(row.attempt, row.status_code, row.success) for row in rows] == [
        (1, status, False),
        (2, 200, True),
    ]


@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize(
    "talk", [say("503 Busy"), say("429 Slow", b"", "Retry-After: 0"), say_raw(b"")]
)
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


@pytest.mark.parametrize(
    "status", ["400 Bad", "401 Who", "403 No", "404 What", "409 Clash", "422 Odd", "301 Moved"]
)
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
    value = (
        "1"
        if form == "seconds"
        else format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    )
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


# --- Redirects ------------------------------------------------------------------------------------
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
