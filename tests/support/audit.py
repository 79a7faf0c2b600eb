"""The audit log in tests: emptied between tests like every table, and guarded where a test is about the guard."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_migrate

from core import audit_chain, crypto


@contextmanager
def as_the_tables_owner() -> Iterator[Any]:
    """A cursor of someone who took the triggers away, as only an attacker (or a flush between tests) does."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_no_change")
        yield cursor
        cursor.execute("ALTER TABLE audit_logs ENABLE TRIGGER audit_logs_no_change")


def _let_tests_flush(**_signal: Any) -> None:
    """pytest-django empties all tables by TRUNCATE after a transactional test; UPDATE and DELETE stay refused."""
    if connection.settings_dict["NAME"].startswith("test_"):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_no_truncate")
        audit_chain.forget_witness()


@pytest.fixture(scope="session", autouse=True)
def audit_log_may_be_flushed() -> None:
    post_migrate.connect(_let_tests_flush, dispatch_uid="tests.audit")


@pytest.fixture(autouse=True)
def keys_are_read_anew() -> None:
    """A test that replaced the key of keyed hashes was rolled back; what the process remembers was not."""
    crypto.forget_keys()
