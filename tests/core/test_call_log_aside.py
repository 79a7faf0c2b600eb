"""The log of outgoing calls is written aside: a moment later, by few statements,
and nothing of it is lost.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction

from core.errors import Temporary
from core.http import Client, Limits, call_log, flush
from core.masking import Secret
from core.models import ApiCall
from tests.support.raw_server import RawServer, say, serving

KEY = Secret("s3cr3t/key+of=35-characters_ABCDEFGH")
ONCE = Limits(attempts=1, connect=1, read=1, total=2)


@pytest.fixture
def server(settings: Any) -> Iterator[RawServer]:
    with serving(say("200 OK", b"{}")) as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        yield server


def client_of(server: RawServer, **options: Any) -> Client:
    options.setdefault("limits", ONCE)
    return Client("custom", "account-1", server.url, **options)


@pytest.fixture
def aside(transactional_db: None, settings: Any) -> Iterator[None]:
    """The writer as it runs in production, only quicker."""
    settings.CALL_LOG_DELAY = 0.2
    yield
    flush()


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "It did not come to pass"
        time.sleep(0.02)


def test_a_row_is_there_a_moment_later(aside: None, server: RawServer) -> None:
    client_of(server).get("/x")

    until(lambda: ApiCall.objects.count() == 1)


def test_a_call_stays_logged_when_the_work_around_it_is_rolled_back(
    aside: None, server: RawServer
) -> None:
    def work() -> None:
        with transaction.atomic():
            client_of(server).get("/x")
            raise Temporary("custom")

    with pytest.raises(Temporary):
        work()

    until(lambda: ApiCall.objects.count() == 1)


def test_many_calls_are_written_by_few_statements(
    aside: None, server: RawServer, settings: Any
) -> None:
    settings.CALL_LOG_DELAY = 5
    client = client_of(server)
    for number in range(1000):
        client.get(f"/{number}")
    flush()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT xmin::text) FROM api_call_logs")
        rows, transactions = cursor.fetchone()
    assert rows == 1000
    assert transactions <= 5


def test_a_log_that_cannot_be_written_holds_no_call_up_and_loses_nothing(
    aside: None, server: RawServer
) -> None:
    """The table is locked and the writer's connection is cut while it waits;
    afterwards every row is there.
    """
    parameters = connection.get_connection_params()
    parameters = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port")}
    with psycopg.connect(**parameters) as other:
        other.execute("LOCK TABLE api_call_logs IN ACCESS EXCLUSIVE MODE")
        client, started = client_of(server), time.monotonic()
        for number in range(20):
            client.get(f"/{number}")
        assert time.monotonic() - started < 8

        def cut() -> bool:
            other.execute(
                "SELECT pg_stat_clear_snapshot()"
            )  # or a transaction sees for ever what it saw first
            found = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'COPY api_call_logs%' AND wait_event_type = 'Lock' AND datname "
                "= current_database()"
            )
            return bool(found.fetchall())

        until(cut)

    until(lambda: ApiCall.objects.count() == 20)


def test_a_row_that_the_database_refuses_takes_no_other_with_it(
    aside: None, server: RawServer, settings: Any
) -> None:
    settings.CALL_LOG_DELAY = 5
    client = client_of(server)
    for number in range(5):
        client.get(f"/{number}")
    refused: dict[str, Any] = {"vendor": "custom", "method": "GET", "attempt": 10**9}
    call_log.Attempt(refused).log(status=200, elapsed_ms=1)
    for number in range(5):
        client.get(f"/{number}")

    flush()

    assert ApiCall.objects.count() == 10


@pytest.mark.django_db
def test_a_refused_row_does_not_spoil_the_callers_transaction(server: RawServer) -> None:
    refused: dict[str, Any] = {"vendor": "custom", "method": "GET", "attempt": 10**9}
    call_log.Attempt(refused).log(status=200, elapsed_ms=1)

    client_of(server).get("/x")

    assert ApiCall.objects.count() == 1


def test_a_forked_child_does_not_write_its_parents_rows(
    aside: None, server: RawServer, settings: Any
) -> None:
    settings.CALL_LOG_DELAY = 5
    client_of(server).get("/parent")
    child = os.fork()
    if not child:
        os._exit(0 if not call_log._writer._rows else 1)

    assert os.waitpid(child, 0)[1] == 0
    flush()
    assert ApiCall.objects.count() == 1


def test_a_process_that_ends_writes_what_waits(transactional_db: None, server: RawServer) -> None:
    program = (
        "import django; django.setup()\n"
        "from core.http import Client\n"
        f"Client('custom', 'ending', '{server.url}').get('/x')\n"
    )
    database = (
        urlsplit(os.environ["DATABASE_URL"])
        ._replace(path="/" + connection.settings_dict["NAME"])
        .geturl()
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database,
        "KOPPEL_ALLOW_PRIVATE_HOSTS": server.host,
        "SECRET_KEY": django_settings.SECRET_KEY,
        "INTEGRATION_ENCRYPTION_KEY": "11" * 32,
        "DEBUG": "1",
    }

    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)

    assert ApiCall.objects.get().account == "ending"
