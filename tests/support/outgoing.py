"""What a test of syncs leaves behind: nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from core.models import ApiCall


@pytest.fixture
def no_calls_stay(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Delete the logged calls: the thread that fetches the next page logs outside the test's
    transaction.
    """
    yield
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        # The test may have given its database back by now.
        with django_db_blocker.unblock(), ThreadPoolExecutor(1) as outside:
            outside.submit(_forget_calls).result()


def _forget_calls() -> None:
    ApiCall.objects.all().delete()
    connection.close()
