"""The audit log in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from core.audit import chain
from core.secrets import crypto


@contextmanager
def as_the_tables_owner() -> Iterator[Any]:
    """Give a cursor of someone who took the triggers away, as only an attacker does."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_no_change")
        yield cursor
        cursor.execute("ALTER TABLE audit_logs ENABLE TRIGGER audit_logs_no_change")


@pytest.fixture(autouse=True)
def keys_and_head_are_read_anew() -> None:
    """Forget what the process remembers of the key, and Redis of the log's head.

    A test that replaced the key of keyed hashes, or ran what follows a commit, was rolled back in
    the database; those were not.
    """
    crypto.forget_keys()
    chain.forget_witness()
