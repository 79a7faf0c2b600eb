"""What every test may use."""

import os

import pytest
from django.core.cache import cache
from pytest_django.plugin import DjangoDbBlocker

from core import redis
from tests.probe.management.commands import flush
from tests.support import chromium

# Playwright's synchronous interface runs a loop in the test's own thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytest_plugins = [
    "tests.support.audit",
    "tests.support.outgoing",
    "tests.support.sandbox",
    "tests.support.settings_store",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser comes last: Playwright's loop stays in its thread, where `asyncio.run` then refuses to work."""
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def tables_as_migrated(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """What the tests' `flush` brings back after each transactional test."""
    with django_db_blocker.unblock():
        flush.remember()


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """No test meets the throttles, lock-outs or cached settings of the one before."""
    cache.clear()
    if limits := list(redis.connection().scan_iter("koppel:limit:*")):
        redis.connection().delete(*limits)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Playwright's browser: the machine's own Chromium; `make test` has made sure that there is one."""
    path = chromium.find()
    assert path, "No Chromium that starts: set CHROMIUM, or run `make test`, which gets one"
    return chromium.launch_options(path)
