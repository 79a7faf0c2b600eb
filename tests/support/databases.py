"""Databases of somebody else's: PostgreSQL always, MySQL and MongoDB where there
is a server of that kind.

A server is found by its program (`mariadbd`, `ferretdb`) or by a URL of the environment
(KOPPEL_TEST_MYSQL_URL, KOPPEL_TEST_MONGODB_URL, with a user that may make databases and users).
The tests of a kind without one are proofs: `make test` leaves them out and says so, `make prove`
fails without.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from core.http.databases import Engine
from tests.support.database_servers import HOST, MAKERS, PROGRAMS, URLS, Server
from tests.support.resolver import Names
from tests.support.tls_front import Authority


def is_found(engine: Engine) -> bool:
    """Tell whether there is a server of this kind."""
    if engine == Engine.POSTGRESQL:
        return True
    return bool(os.environ.get(URLS[engine]) or shutil.which(PROGRAMS[engine]))


def of_kind(engine: Engine) -> Any:
    """Return a test's parameter: a proof where there is no server."""
    return pytest.param(
        engine, id=engine.lower(), marks=() if is_found(engine) else pytest.mark.prove
    )


EVERY: Final = [of_kind(engine) for engine in Engine]
SQL: Final = [of_kind(engine) for engine in (Engine.POSTGRESQL, Engine.MYSQL)]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which servers were not there, so that nobody takes silence for a proof."""
    for engine in Engine:
        if not is_found(engine):
            terminalreporter.write_line(
                f"No {PROGRAMS[engine]}: its tests did not run. "
                f"Put it on the PATH, or set {URLS[engine]}: make prove fails without."
            )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), HOST)


@pytest.fixture(scope="session")
def database_servers(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: Any,
    authority: Authority,
) -> Iterator[Callable[[Engine], Server]]:
    """Start each kind of server when it is first asked for."""
    started: dict[Engine, Server] = {}
    running: list[Any] = []

    def server(engine: Engine) -> Server:
        if engine not in started:
            folder = tmp_path_factory.mktemp(engine.lower())
            with django_db_blocker.unblock():
                started[engine] = MAKERS[engine](folder, authority, running)
        return started[engine]

    yield server
    for part in running:
        part.terminate()
    for part in running:
        if isinstance(part, subprocess.Popen):
            part.wait()


@pytest.fixture
def server_of(
    database_servers: Callable[[Engine], Server], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Callable[[Engine], Server]:
    """Start a server under a name of its own, which this installation's owner has allowed."""
    Names(monkeypatch).answers[HOST] = [["127.0.0.1"]]

    def server(engine: Engine) -> Server:
        found = database_servers(engine)
        settings.ALLOW_PRIVATE_HOSTS = [f"{HOST}:{found.port}", f"{HOST}:{found.tls_port}"]
        return found

    return server
