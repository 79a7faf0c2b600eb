"""What a test of syncs leaves behind: nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from core.models import ApiCall


@pytest.fixture(scope="session")
def outside(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[ThreadPoolExecutor]:
    """A thread with a connection of its own, kept for the session:
    what it does is in no test's transaction.
    """
    with ThreadPoolExecutor(1) as thread:
        yield thread
        with django_db_blocker.unblock():
            thread.submit(_let_go).result()


@pytest.fixture
def no_calls_stay(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Delete the logged calls: the thread that fetches the next page logs outside the test's
    transaction.
    """
    if not (request.node.get_closest_marker("django_db") or "db" in request.fixturenames):
        yield
        return
    thread: ThreadPoolExecutor = request.getfixturevalue("outside")
    yield
    # The test may have given its database back by now.
    with django_db_blocker.unblock():
        thread.submit(_forget_calls).result()


def _forget_calls() -> None:
    ApiCall.objects.all().delete()


def _let_go() -> None:
    # Named in a function, as the connection is that of the thread which names it.
    connection.close()
