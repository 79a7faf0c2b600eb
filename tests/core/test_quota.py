"""Quotas: all processes together stay within them, several at once or none,
and a lost Redis stops nobody.
"""

import multiprocessing
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from core import redis as core_redis
from core.errors import RateLimited
from core.http import Client, HeaderKey, Limits, Quota
from core.http.quota import Account, Exhausted, take_at_once
from core.masking import Secret
from core.models import ApiCall
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.raw_server import say, serving
from tests.support.sandbox import Sandbox


@pytest.fixture
def name() -> str:
    """An account that no other test has called with."""
    return uuid.uuid4().hex


def granted(account: Account, tries: int, costs: dict[str, int] | None = None) -> int:
    """How many of so many calls are granted at once."""
    count = 0
    for _ in range(tries):
        try:
            account.take(costs, patience=0)
            count += 1
        except Exhausted:
            pass
    return count


def test_no_more_than_the_limit_is_granted_in_a_window(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 5, 60)])

    assert granted(account, 20) == 5


def test_grants_of_many_accounts_are_taken_in_one_go_and_count_like_others(name: str) -> None:
    accounts = [
        Account("fathom", f"{name}-{number}", [Quota("global", 2, 60)]) for number in range(3)
    ]
    unlimited = Account("fathom", name, [])

    assert take_at_once([*accounts, unlimited, accounts[0]]) == [True] * 5
    assert take_at_once([*accounts, unlimited]) == [False, True, True, True]
    assert [granted(account, 5) for account in accounts] == [0, 0, 0]


def test_the_window_slides(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 4, 0.5)])
    assert granted(account, 10) == 4

    time.sleep(0.55)

    assert granted(account, 10) == 4


def test_a_call_that_has_to_wait_waits_and_no_longer_than_needed(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 1, 0.3)])
    account.take(None, patience=0)
    started = time.monotonic()

    account.take(None, patience=5)

    assert 0.29 <= time.monotonic() - started < 3


def test_a_call_that_would_wait_too_long_is_told_how_long_it_takes(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 1, 60)])
    account.take(None, patience=0)

    with pytest.raises(Exhausted) as exhausted:
        account.take(None, patience=1)

    assert 55 < exhausted.value.retry_after < 62


def test_of_several_quotas_a_call_gets_all_or_none(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 10, 60), Quota("heavy", 3, 60, cost=0)])

    assert granted(account, 10, {"heavy": 1}) == 3
    # The refused heavy calls took nothing of the other quota.
    assert granted(account, 20) == 7


def test_a_call_may_cost_more_than_one(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 10, 60)])

    assert granted(account, 10, {"global": 4}) == 2
    assert granted(account, 10) == 2
    assert (
        granted(Account("fathom", f"{name}-2", [Quota("global", 3, 60)]), 3, {"global": 100}) == 1
    )


def test_accounts_and_vendors_do_not_share(name: str) -> None:
    quotas = [Quota("global", 1, 60)]

    assert granted(Account("fathom", name, quotas), 2) == 1
    assert granted(Account("bison", name, quotas), 2) == 1
    assert granted(Account("fathom", name + "x", quotas), 2) == 1


def test_a_pause_that_the_vendor_asked_for_holds_for_everybody(name: str) -> None:
    quotas = [Quota("global", 100, 60), Quota("heavy", 100, 60, cost=0)]
    Account("fathom", name, quotas).drain(None, 0.4)

    assert granted(Account("fathom", name, quotas), 3) == 0
    time.sleep(0.45)
    assert granted(Account("fathom", name, quotas), 3) == 3


def test_a_shorter_pause_does_not_end_a_longer_one(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 100, 60)])
    account.drain(None, 60)
    account.drain(None, 0.1)

    time.sleep(0.15)

    assert granted(account, 3) == 0


def _worker(name: str, seconds: float, grants: Any, start: Any) -> None:
    account, count = Account("fathom", name, [Quota("global", 30, 2.0)]), 0
    start.wait()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            account.take(None, patience=0.2)
            count += 1
        except Exhausted:
            pass
    grants.put(count)


def test_four_processes_together_never_exceed_a_quota_and_use_it_up(name: str) -> None:
    context = multiprocessing.get_context("fork")
    grants, start = context.Queue(), context.Barrier(4)
    processes = [context.Process(target=_worker, args=(name, 5.0, grants, start)) for _ in range(4)]
    for process in processes:
        process.start()
    # The server's own notes of when it granted: a busy machine would blur any clock of ours.
    key, moments = f"{Account('fathom', name, [])._prefix}:global", set()
    while any(process.is_alive() for process in processes):
        moments |= {int(moment) for moment in core_redis.connection().lrange(key, 0, -1)}
        time.sleep(0.05)

    assert len(moments) == sum(grants.get() for _ in processes) >= 60
    assert all(
        sum(first <= later < first + 2_000_000 for later in moments) <= 30 for first in moments
    )


# --- Without Redis --------------------------------------------------------------------------------
@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    yield
    core_redis._pool.cache_clear()


def test_without_redis_a_process_grants_its_share_and_never_fails(
    name: str, no_redis: None
) -> None:
    account = Account("fathom", name, [Quota("global", 20, 60)])

    assert granted(account, 40) == 5


def test_without_redis_the_window_slides_too(name: str, no_redis: None) -> None:
    account = Account("fathom", name, [Quota("global", 8, 0.3)])
    assert granted(account, 10) == 2

    time.sleep(0.35)

    assert granted(account, 10) == 2


def test_without_redis_the_vendors_pause_is_kept_in_the_process(name: str, no_redis: None) -> None:
    account = Account("fathom", name, [Quota("global", 100, 60)])
    account.drain(None, 30)

    assert granted(account, 3) == 0


def test_a_redis_that_is_away_costs_its_time_out_once(name: str, no_redis: None) -> None:
    account = Account("fathom", name, [Quota("global", 10_000, 60)])
    account.take(None, patience=0)
    started = time.monotonic()

    granted(account, 200)

    assert time.monotonic() - started < 5


def test_threads_share_the_window_of_their_process(name: str, no_redis: None) -> None:
    account = Account("fathom", name, [Quota("global", 40, 60)])
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(granted(account, 20))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 10


def test_a_flushed_redis_starts_the_count_again_and_stops_nobody(name: str) -> None:
    account = Account("fathom", name, [Quota("global", 2, 60)])
    assert granted(account, 5) == 2
    server: redis.Redis = core_redis.connection()

    for key in server.scan_iter(f"{account._prefix}*"):
        server.delete(key)
    server.script_flush()

    assert granted(account, 5) == 2


# --- Through the client ---------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_client_out_of_quota_sends_nothing_and_says_how_long(name: str, sandbox: Sandbox) -> None:
    auth = HeaderKey("X-Api-Key", Secret(DEMO_KEYS[0]))
    client = Client(
        "fathom",
        name,
        sandbox.url("fathom", "/external/v1"),
        auth,
        [Quota("global", 2, 60)],
        limits=Limits(quota_wait=0),
    )
    client.get("/teams")
    client.get("/teams")

    with pytest.raises(RateLimited) as raised:
        client.get("/teams")

    assert 50 < raised.value.retry_after < 62
    assert len(sandbox.journal("fathom")) == 2
    assert list(ApiCall.objects.order_by("created_at").values_list("status_code", flat=True)) == [
        200,
        200,
        None,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        ("429 Slow", "Retry-After: 30"),
        ("429 Slow", "RateLimit-Reset: 30"),
        ("200 OK", "RateLimit-Remaining: 0", "RateLimit-Reset: 30"),
    ],
    ids=["Retry-After", "RateLimit-Reset", "nothing remaining"],
)
def test_what_the_vendor_says_of_its_limit_holds_for_other_workers(
    headers: tuple[str, ...], name: str, settings: Any
) -> None:
    with serving(say(headers[0], b"{}", *headers[1:])) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        quotas, limits = [Quota("global", 100, 60)], Limits(attempts=1, quota_wait=0)
        first = Client("custom", name, server.url, quotas=quotas, limits=limits)
        other = Client("custom", name, server.url, quotas=quotas, limits=limits)

        first.get("/", ok=(200, 429))
        with pytest.raises(RateLimited) as raised:
            other.get("/")

        assert 25 < raised.value.retry_after <= 31
        assert len(server.requests) == 1


@pytest.mark.django_db
def test_a_client_keeps_under_the_vendors_real_limit(name: str, sandbox: Sandbox) -> None:
    """60 calls in a burst are taken by Fathom's stand-in; the 61st is not sent."""
    auth = HeaderKey("X-Api-Key", Secret(DEMO_KEYS[1]))
    quotas = [Quota("global", 60, 60), Quota("heavy", 30, 60, cost=0)]
    limits = Limits(quota_wait=0)
    client = Client(
        "fathom", name, sandbox.url("fathom", "/external/v1"), auth, quotas, limits=limits
    )

    for _ in range(59):
        client.get("/teams")
    answer = client.get("/teams")
    with pytest.raises(RateLimited):
        client.get("/teams")

    assert answer.headers["ratelimit-remaining"] == "0"
    assert {entry["status"] for entry in sandbox.journal("fathom")} == {200}
    assert len(sandbox.journal("fathom")) == 60
    # Nothing was sent, so nothing failed.
    assert [row.outcome for row in ApiCall.objects.filter(status_code=None)] == ["neutral"]
