"""Everything may die in the middle: what was answered with 2xx is stored once
and worked to one effect.
"""

import http.client
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.deliveries import STANDARD, body_of, standard_headers
from tests.support.house import House, wait_for

SENDERS = 8


class Vendor:
    """Sends each delivery until it gets a 2xx, and some of them once more after that."""

    def __init__(self, port, deliveries):
        self.port = port
        self.deliveries = deliveries
        self.accepted = set()
        self.refusals = []
        self.tries = 0
        self._lock = threading.Lock()
        self._thread = threading.local()

    def send_all(self):
        with ThreadPoolExecutor(SENDERS) as pool:
            for future in [
                pool.submit(self._send_until_taken, number) for number in range(self.deliveries)
            ]:
                future.result()

    def _send_until_taken(self, number):
        for _ in range(600):
            status = self._send(number)
            if status and 200 <= status < 300:
                with self._lock:
                    self.accepted.add(f"msg_{number}")
                if number % 10 == 0:
                    self._send(number)
                return
            if status and status != 503:
                self.refusals.append((number, status))
            time.sleep(random.uniform(0.05, 0.2))
        raise AssertionError(f"delivery {number} was never taken")

    def _send(self, number):
        """The answer's status, or None when there was no answer:
        the sender cannot know what became of it.
        """
        body = body_of({"event": "meeting", "number": number, "text": "x" * 500})
        self.tries += 1
        try:
            connection = self._connection()
            connection.request("POST", STANDARD, body, standard_headers(body, f"msg_{number}"))
            response = connection.getresponse()
            response.read()
            return response.status
        except (OSError, http.client.HTTPException):
            self._thread.connection = None
            return None

    def _connection(self):
        if getattr(self._thread, "connection", None) is None:
            self._thread.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        return self._thread.connection


def faults_of(house):
    return [
        lambda: house.kill_one_child_of("web"),
        lambda: house.kill_and_begin("worker"),
        house.flush_redis,
        lambda: house.kill_and_begin("web"),
        lambda: house.restart_postgres(signal.SIGINT),
        house.restart_redis,
        lambda: house.restart_postgres(signal.SIGQUIT),
    ]


def shake(vendor, faults):
    """Each fault at its share of the way through the deliveries."""
    for index, fault in enumerate(faults):
        share = (index + 1) / (len(faults) + 1)
        assert wait_for(lambda share=share: len(vendor.accepted) >= vendor.deliveries * share, 300)
        fault()


def prove_exactly_once(home, deliveries, rounds):
    with House(home) as house:
        vendor = Vendor(house.port, deliveries)
        with ThreadPoolExecutor(1) as senders:
            sent = senders.submit(vendor.send_all)
            # In this thread: a server ends with the thread that started it.
            shake(vendor, faults_of(house) * rounds)
            sent.result()
        waiting = "SELECT count(*) FROM webhook_events WHERE processing_status = 'pending'"
        assert wait_for(lambda: house.sql(waiting) == [(0,)], 120), house.logs()

        assert len(vendor.accepted) == deliveries
        assert vendor.refusals == []
        assert vendor.tries > deliveries, "nothing had to be sent again: nothing was shaken"
        stored = "SELECT count(*), count(DISTINCT delivery_id) FROM webhook_events"
        assert house.sql(stored) == [(deliveries, deliveries)]
        assert house.sql("SELECT DISTINCT processing_status FROM webhook_events") == [
            ("processed",)
        ]
        effects = (
            "SELECT count(*), count(DISTINCT delivery_id), count(DISTINCT number) FROM probe_effect"
        )
        assert house.sql(effects) == [(deliveries, deliveries, deliveries)]


@pytest.mark.long(30)
@pytest.mark.timeout(180)
def test_what_was_taken_is_worked_once_whatever_dies(tmp_path):
    prove_exactly_once(tmp_path, deliveries=300, rounds=1)


@pytest.mark.prove
@pytest.mark.timeout(1500)
def test_what_was_taken_is_worked_once_whatever_dies_in_full(tmp_path):
    prove_exactly_once(tmp_path, deliveries=5_000, rounds=3)
