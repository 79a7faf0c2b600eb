"""Queueing by name, after commit; a broker that is down or mute holds nobody up."""

import json
import os
import socket
import subprocess
import sys

import pytest
from django.db import transaction

from core import redis
from core.queue import jobs

QUEUE = "celery"
PROGRAM = """
import json, logging, sys, time
import django
django.setup()
from core.queue import jobs
lines = []
handler = logging.Handler()
handler.emit = lambda record: lines.append(record.getMessage())
logging.getLogger("core.queue.jobs").addHandler(handler)
begun = time.monotonic()
answers = [jobs.send("tests.lost", str(number)) for number in range(5)]
print(json.dumps({"answers": answers, "seconds": time.monotonic() - begun, "lines": lines}))
"""


def send_five_to(broker):
    """Five jobs of one request in a process whose broker is the one given."""
    env = {**os.environ, "REDIS_URL": broker, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(autouse=True)
def empty_queue(monkeypatch):
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    redis.connection().delete(QUEUE)
    yield
    redis.connection().delete(QUEUE)


def queued():
    return [
        json.loads(message)["headers"]["task"]
        for message in redis.connection().lrange(QUEUE, 0, -1)
    ]


@pytest.mark.django_db(transaction=True)
def test_a_job_is_queued_when_its_transaction_commits():
    with transaction.atomic():
        jobs.after_commit("tests.kept", "1")
        assert queued() == []

    assert queued() == ["tests.kept"]


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_is_undone_is_not_queued():
    with transaction.atomic():
        jobs.after_commit("tests.undone", "2")
        transaction.set_rollback(True)

    assert queued() == []


def test_a_broker_that_is_down_is_logged_and_never_raised():
    report = send_five_to("redis://127.0.0.1:1/0")

    assert report["answers"] == [False] * 5
    assert report["lines"] == [
        "tests.lost was not queued, the sweep will find it: OperationalError"
    ]
    assert report["seconds"] < 3


def test_a_broker_that_never_answers_holds_a_request_up_once_and_briefly():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        report = send_five_to(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")

    assert report["answers"] == [False] * 5
    assert report["seconds"] < 5
