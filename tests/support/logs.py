"""The partitioned logs are not Django's to manage, so it does not empty them after a transactional test: this does."""

from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_migrate


def _empty(**_signal: Any) -> None:
    if connection.settings_dict["NAME"].startswith("test_"):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE api_call_logs, webhook_events")


@pytest.fixture(scope="session", autouse=True)
def logs_are_emptied(django_db_setup: None) -> None:
    """Registered once the test database stands: Django sends post_migrate after each emptying of it."""
    post_migrate.connect(_empty, dispatch_uid="tests.logs")
