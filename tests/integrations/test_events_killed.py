"""A killed worker, a flushed Redis, two workers at once, slow endpoints:
each event has one effect, and none waits.
"""
# ruff: noqa: F811 - fixtures come by their names

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import time_machine
from django.conf import settings as site
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from integrations.events import lanes, rounds
from integrations.models import Delivery, EventEndpoint
from tests.integrations import events_cast as cast
from tests.integrations.events_cast import boss, receiver  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
ROOT = Path(__file__).resolve().parents[2]
WORK = """
import django
django.setup()
from integrations.events import rounds
print("ready", flush=True)
rounds.deliver(seconds=60)
"""


def begin(host: str) -> subprocess.Popen:
    """Start a worker of its own, on this test's database."""
    own = connection.settings_dict
    address = (
        f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "KOPPEL_ALLOW_PRIVATE_HOSTS": host,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", WORK]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def kill_once(receiver, *, after: int) -> None:
    """Let a worker send so many, and kill it amid the next ones."""
    before = len(receiver.came())
    process = begin(receiver.sandbox.host)
    deadline = time.monotonic() + 250
    while len(receiver.came()) < before + after:
        assert time.monotonic() < deadline, "It never came so far"
        assert process.poll() is None, "It was done too soon"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.timeout(600)
def test_a_killed_worker_and_a_flushed_redis_lose_nothing_and_double_nothing(
    northwind, boss, receiver
):
    _made, secret = cast.endpoint(boss, receiver.url())
    receiver.turn(seconds=0.4)
    for number in range(120):
        cast.lead(northwind, f"Lead {number}")
    kill_once(receiver, after=15)
    assert EventEndpoint.objects.get().busy_until is not None
    assert Delivery.objects.filter(state="waiting").count() > 60
    # Another worker leaves to the killed one what it had, until that has run out.
    assert cast.deliver() == 0
    for url in (site.REDIS_URL, site.CACHE_URL):
        redis.Redis.from_url(url).flushdb()
    EventEndpoint.objects.update(busy_until=timezone.now())
    kill_once(receiver, after=15)
    receiver.turn(seconds=0.0)
    with time_machine.travel(
        timezone.now() + rounds.OUTBOX.lease + timedelta(seconds=1), tick=True
    ):
        cast.deliver()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    effects = receiver.effects()
    # What was on its way when a worker died may come twice, under the same name:
    # that is no second effect.
    assert effects["effects"] == 120
    assert effects["repeated"] <= 2 * lanes.SIDE_BY_SIDE
    names = {cast.verified(entry, secret)["data"]["name"] for entry in receiver.came()}
    assert names == {f"Lead {number}" for number in range(120)}


def test_of_workers_at_once_each_event_goes_out_once(northwind, boss, receiver):
    for name in ("orders", "books", "stock"):
        cast.endpoint(boss, receiver.url(name))
    for number in range(40):
        cast.lead(northwind, f"Lead {number}")
    taken = Counter()

    def work(number: int) -> None:
        try:
            taken[number] = rounds.deliver(seconds=20)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.total() == 120
    for name in ("orders", "books", "stock"):
        assert (receiver.effects(name)["effects"], receiver.effects(name)["repeated"]) == (40, 0)


def test_slow_endpoints_do_not_hold_up_the_others(northwind, boss, receiver):
    slow = [f"slow{number}" for number in range(6)]
    for name in slow:
        cast.endpoint(boss, receiver.url(name))
    receiver.turn(answers={name: {"seconds": 1.0} for name in slow})
    for number in range(12):
        cast.lead(northwind, f"Lead {number}")
    began = time.time()
    worker = threading.Thread(target=lambda: (rounds.deliver(seconds=5), connections.close_all()))
    worker.start()
    while not receiver.came("slow0"):
        time.sleep(0.05)
    # It comes while the slow ones have all the room that they may have.
    cast.endpoint(boss, receiver.url("quick"))
    for number in range(12):
        cast.lead(northwind, f"Later {number}")
    asked = time.time()
    while receiver.effects("quick")["effects"] < 12:
        assert time.time() - asked < 8, "The quick one waits for the slow ones"
        time.sleep(0.05)
    worker.join()
    ends = {name: max(entry["at"] for entry in receiver.came(name)) for name in [*slow, "quick"]}
    assert ends["quick"] < min(ends[name] for name in slow)
    assert time.time() - began < 60


def test_more_slow_endpoints_than_a_worker_has_places_for_take_turns(
    northwind, boss, receiver, monkeypatch
):
    monkeypatch.setattr(lanes, "LANES", 2)
    monkeypatch.setattr(lanes, "PATIENCE", 0.5)
    names = ["slow0", "slow1", "slow2", "quick"]
    for name in names:
        cast.endpoint(boss, receiver.url(name))
    receiver.turn(answers={name: {"seconds": 0.3} for name in names[:3]})
    for number in range(30):
        cast.lead(northwind, f"Lead {number}")
    cache.clear()
    assert rounds.deliver(seconds=20) > 30
    last = max(entry["at"] for entry in receiver.came("quick"))
    assert receiver.effects("quick")["effects"] == 30
    assert any(entry["at"] > last for name in names[:3] for entry in receiver.came(name))


def test_what_kills_its_worker_ten_times_is_given_up(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url())
    cast.lead(northwind, "Poison")
    cast.lead(northwind, "Harmless")
    poison = Delivery.objects.filter(event__data__name="Poison")
    poison.update(attempts=10)
    assert cast.deliver() == 1
    assert (poison.get().state, poison.get().error) == ("failed", "The last attempt was cut off.")


def test_two_workers_are_enough(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url())
    cast.lead(northwind)
    others = [cast.endpoint(boss, receiver.url(name))[0] for name in ("a", "b")]
    for number, made in enumerate(others):
        EventEndpoint.objects.create(
            integration=made,
            busy_until=timezone.now() + lanes.BUSY,
            busy_by=f"00000000-0000-0000-0000-00000000000{number}",
        )
    assert cast.deliver() == 0
    EventEndpoint.objects.filter(integration=others[0]).update(busy_until=timezone.now())
    assert cast.deliver() == 1
