"""What every test may use."""

import gc
import os
import random

import pytest
from django.core.cache import cache
from django.core.servers.basehttp import WSGIRequestHandler
from django.template import Context, Template
from django.test.utils import instrumented_test_render
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from pytest_django.plugin import DjangoDbBlocker

from core import redis
from tests.probe.management.commands import flush
from tests.support import chromium

# Playwright's synchronous interface runs a loop in the test's own thread,
# which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# The live server writes an answer in two parts. The second would wait 40 ms for the first
# to be acknowledged.
WSGIRequestHandler.disable_nagle_algorithm = True

pytest_plugins = [
    "tests.support.audit",
    "tests.support.resolver",
    "tests.support.databases",
    "tests.support.nobody",
    "tests.support.outgoing",
    "tests.support.sandbox",
    "tests.support.settings_store",
    "tests.toy.cast",
    "tests.bison.stand_in",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Shuffle the tests, the same in all workers; then the long ones first and those
    of a browser last.
    """
    if seed := os.environ.get("KOPPEL_TEST_SEED"):
        random.Random(seed).shuffle(items)
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[bool, float]:
    """Return what a test is sorted by.

    Playwright's loop stays in its thread, where `asyncio.run` then refuses to work:
    a browser's tests come last.
    """
    mark = item.get_closest_marker("long")
    return "playwright" in getattr(item, "fixturenames", ()), -mark.args[0] if mark else 0


def pytest_collection_finish() -> None:
    """Take what was imported and collected out of the garbage collector's rounds:
    it stays until the end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def pages_alone_are_kept(django_test_environment: None) -> None:
    """Copying the context of each piece of a page too, for `response.context`,
    took a quarter of a request.
    """

    def render(template: Template, context: Context) -> SafeString:
        is_piece = context.template is not template or str(template.name).startswith("components/")
        return (
            template.nodelist.render(context)
            if is_piece
            else instrumented_test_render(template, context)
        )

    Template._render = render


@pytest.fixture(scope="session", autouse=True)
def tables_as_migrated(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """What the tests' `flush` brings back after each transactional test."""
    with django_db_blocker.unblock():
        flush.remember()


@pytest.fixture(autouse=True)
def no_readers_language_or_zone() -> None:
    """A request leaves the language and the zone of its reader in the thread;
    the next test begins without.
    """
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """No test meets the throttles, lock-outs, spent quotas or cached settings of the one before."""
    cache.clear()
    for kind in ("limit", "quota"):
        if keys := list(redis.connection().scan_iter(f"koppel:{kind}:*")):
            redis.connection().delete(*keys)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Playwright's browser: the machine's own Chromium; `make test` has made sure
    that there is one.
    """
    path = chromium.find()
    assert path, "No Chromium that starts: set CHROMIUM, or run `make test`, which gets one"
    return chromium.launch_options(path)
