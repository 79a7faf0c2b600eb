"""Who waits for a lock: so that a test can stop two at just the place where they would meet,
and let them go.
"""

import time

from django.db import connection

_WAITING = """
SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE NOT granted AND datname = current_database() AND pid <> pg_backend_pid()
"""


def wait_until_held(count: int, seconds: float = 20) -> None:
    """Wait until so many others wait for a lock in this test's database; AssertionError when they
    never do.
    """
    until = time.monotonic() + seconds
    while (found := _waiting()) != count and time.monotonic() < until:
        time.sleep(0.02)
    assert found == count, f"{found} wait for a lock, not {count}"


def _waiting() -> int:
    with connection.cursor() as cursor:
        # Within a transaction PostgreSQL would show the same picture again.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])
