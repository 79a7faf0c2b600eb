"""/healthz, /readyz and /metrics, with a real worker and a real beat."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
import redis as redis_package
from django.conf import settings as site
from django.test import Client

from core import incidents, redis
from core.health import counters, heartbeats, metrics, readiness
from core.models import Run
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db


def forget_heartbeats() -> None:
    redis.connection().delete(*map(heartbeats.key_of, heartbeats.queues()), heartbeats.BEAT)


@pytest.fixture(autouse=True)
def no_heartbeats() -> None:
    forget_heartbeats()


TOKEN = "metrics-token-of-test"


@pytest.fixture(autouse=True)
def a_token(settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def numbers():
    return Client().get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")


def parts(client: Client | None = None) -> dict[str, str]:
    body = (client or Client()).get("/readyz").json()
    return {name: part["state"] for name, part in body["parts"].items()}


def test_healthz_says_that_the_process_is_up_and_asks_nobody(settings, django_assert_num_queries):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with django_assert_num_queries(0):
        for path in ("/healthz", "/healthz/"):
            answer = Client().get(path)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_names_what_is_missing():
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "missing",
        "parts": {
            "database": {"state": "ok"},
            "keys": {"state": "ok"},
            "redis": {"state": "ok"},
            "worker": {
                "state": "missing",
                "age": None,
                "queues": {name: {"state": "missing", "age": None} for name in ("celery", "long")},
            },
            "beat": {"state": "missing", "age": None},
        },
    }


def test_readyz_is_200_when_every_part_lives():
    heartbeats.write_beat()
    heartbeats.write_worker("celery@here")
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["parts"]["beat"]["age"] < 5


def test_a_sign_of_life_that_is_too_old_counts_as_none():
    redis.connection().set(heartbeats.BEAT, time.time() - 31)
    redis.connection().hset(
        heartbeats.key_of("celery"),
        mapping={"old@a": str(time.time() - 900), "old@b": str(time.time() - 31)},
    )
    assert parts()["beat"] == parts()["worker"] == "missing"
    heartbeats.write_worker("new@c")
    assert parts()["worker"] == "ok"


def test_a_queue_without_a_worker_is_seen_beside_one_that_has_many():
    heartbeats.write_beat()
    for name in ("one@a", "two@a"):
        redis.connection().hset(heartbeats.key_of("celery"), name, str(time.time()))
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    worker = answer.json()["parts"]["worker"]
    assert (worker["state"], worker["age"]) == ("missing", None)
    assert {name: part["state"] for name, part in worker["queues"].items()} == {
        "celery": "ok",
        "long": "missing",
    }
    redis.connection().hset(heartbeats.key_of("long"), "long@a", str(time.time()))
    assert Client().get("/readyz").status_code == 200


def test_readyz_says_within_seconds_that_redis_is_gone(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    started = time.monotonic()
    missing = dict.fromkeys(("redis", "worker", "beat"), "missing")
    assert parts() == {"database": "ok", "keys": "ok", **missing}
    assert time.monotonic() - started < 5


def test_readyz_says_that_no_key_opens_the_database(settings):
    heartbeats.write_beat()
    heartbeats.write_worker("celery@here")
    settings.INTEGRATION_ENCRYPTION_KEY = ["ab" * 32]
    assert Client().get("/readyz").status_code == 503
    assert parts() == {
        "database": "ok",
        "keys": "missing",
        "redis": "ok",
        "worker": "ok",
        "beat": "ok",
    }


def test_readyz_says_within_seconds_that_the_database_is_gone(monkeypatch):
    real = readiness.connections["default"].settings_dict
    monkeypatch.setitem(real, "PORT", "1")
    started = time.monotonic()
    assert parts()["database"] == "missing"
    assert parts()["redis"] == "ok"
    assert time.monotonic() - started < 5


def test_readyz_waits_no_longer_than_seconds_for_a_database_that_accepts_and_is_silent(monkeypatch):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        real = readiness.connections["default"].settings_dict
        monkeypatch.setitem(real, "HOST", "127.0.0.1")
        monkeypatch.setitem(real, "PORT", str(silent.getsockname()[1]))
        started = time.monotonic()
        assert parts()["database"] == "missing"
        assert time.monotonic() - started < 5


def test_no_secret_and_no_address_is_in_the_answer():
    text = Client().get("/readyz").content.decode() + numbers().content.decode()
    for secret in (site.REDIS_URL, site.DATABASES["default"]["PASSWORD"], site.SECRET_KEY):
        assert secret not in text


@pytest.fixture
def celery_parts() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """A real worker and a real beat on this test's database and Redis."""
    database = readiness.connections["default"].settings_dict
    url = psycopg.conninfo.make_conninfo()  # nothing of the surroundings
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": site.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    run = [sys.executable, "-m", "celery", "-A", "config"]
    started = {
        "worker": subprocess.Popen(
            [*run, "worker", "--pool", "solo", "-l", "WARNING"], env=environment
        ),
        "beat": subprocess.Popen([*run, "beat", "-l", "WARNING", "--pidfile="], env=environment),
    }
    yield started
    for process in started.values():
        process.send_signal(signal.SIGKILL)
        process.wait()


def until(wanted: dict[str, str], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        now = parts()
        if all(now[name] == state for name, state in wanted.items()):
            return True
        time.sleep(0.2)
    return False


def emptied_and_missing() -> bool:
    """False when a worker was quicker than the look."""
    redis.connection().flushdb()
    return parts()["worker"] == "missing"


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_and_beat_are_seen_and_seen_again_after_redis_was_emptied(celery_parts):
    assert until({"worker": "ok", "beat": "ok"}, 60)
    assert any(emptied_and_missing() for _ in range(20))
    assert until({"worker": "ok", "beat": "ok"}, 30)
    celery_parts["worker"].send_signal(signal.SIGTERM)
    celery_parts["worker"].wait()
    assert parts() == {
        "database": "ok",
        "keys": "ok",
        "redis": "ok",
        "worker": "missing",
        "beat": "ok",
    }


def slowly_written(label: str) -> threading.Thread:
    """Count once, and return the thread that is writing it to a Redis that takes
    no writes for a moment.
    """
    redis.connection().delete(counters.KEY)
    redis.connection().execute_command("CLIENT", "PAUSE", 400, "WRITE")
    counters.add("probe", label)
    writing = threading.Thread(target=counters.flush)
    writing.start()
    time.sleep(0.1)
    return writing


def test_counts_that_another_thread_is_just_writing_are_read_too():
    writing = slowly_written("thread")
    assert counters.read("probe") == {("thread",): 1}
    writing.join()


def test_a_process_forked_in_the_midst_of_a_count_writes_its_own_and_not_its_parents():
    writing = slowly_written("parent")
    counters.add("probe", "parent")
    child = os.fork()
    if child == 0:
        counters.add("probe", "child")
        counters.flush()
        os._exit(0)
    os.waitpid(child, 0)
    writing.join()
    assert counters.read("probe") == {("parent",): 2, ("child",): 1}


def test_metrics_count_what_all_processes_did():
    redis.connection().delete(counters.KEY)
    for _ in range(3):
        Client().get("/healthz")
    Client().post("/api/auth/token", {}, content_type="application/json")
    counters.add("webhooks", "fathom", "stored")
    Run.objects.create(
        kind="probe",
    )
    incidents.observe("probe:down", ok=False, title="Down")
    lines = numbers().content.decode().splitlines()
    assert 'koppel_requests_total{method="GET",route="healthz",status="200"} 3.0' in lines
    assert 'koppel_requests_total{method="POST",route="api/auth/token",status="400"} 1.0' in lines
    assert 'koppel_request_seconds_count{route="healthz"} 3.0' in lines
    assert 'koppel_inbox_total{result="stored",source="fathom"} 1.0' in lines or (
        'koppel_inbox_total{source="fathom",result="stored"} 1.0' in lines
    )
    assert 'koppel_runs{state="queued"} 1.0' in lines
    assert 'koppel_incidents_open{severity="warning"} 1.0' in lines
    assert 'koppel_up{part="database"} 1.0' in lines
    assert 'koppel_up{part="beat"} 0.0' in lines
    depths = [line for line in lines if line.startswith("koppel_queue_depth{")]
    assert [line.split()[0] for line in depths] == [
        f'koppel_queue_depth{{queue="{q}"}}' for q in ("celery", "long")
    ]


def test_a_label_is_never_what_a_stranger_typed():
    redis.connection().delete(counters.KEY)
    Client().get("/secret-path-7f3a")
    Client().generic("INVENTED", "/healthz")
    text = numbers().content.decode()
    assert "7f3a" not in text
    assert "INVENTED" not in text
    assert 'route="(none)"' in text


def test_the_numbers_are_for_whoever_has_the_token():
    assert_error(Client().get("/metrics"), 401)
    assert_error(Client().get("/metrics", HTTP_AUTHORIZATION="Bearer wrong-ü"), 401)
    assert numbers().status_code == 200


def test_without_a_token_the_numbers_are_for_nobody_but_with_debug(settings):
    settings.METRICS_TOKEN = ""
    for headers in ({}, {"HTTP_AUTHORIZATION": "Bearer "}, {"HTTP_AUTHORIZATION": "Bearer"}):
        assert_error(Client().get("/metrics", **headers), 401)
    settings.DEBUG = True
    assert Client().get("/metrics").status_code == 200


def test_metrics_still_tell_the_rest_when_redis_is_gone(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(redis_package.RedisError):
        redis.connection().ping()
    lines = metrics.text().decode().splitlines()
    assert 'koppel_up{part="redis"} 0.0' in lines
    assert 'koppel_up{part="database"} 1.0' in lines
    assert any(line.startswith("koppel_runs{") for line in lines)
