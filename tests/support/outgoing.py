"""What a test of syncs leaves behind: nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.models import ApiCall


@pytest.fixture
def no_calls_stay(request: pytest.FixtureRequest) -> Iterator[None]:
    """The thread that fetches the next page logs its calls outside the transaction that the test rolls back."""
    yield
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        with ThreadPoolExecutor(1) as outside:
            outside.submit(_forget_calls).result()


def _forget_calls() -> None:
    ApiCall.objects.all().delete()
    connection.close()
