"""Between transactional tests: every table as `migrate` left it, in one statement.

Django's own flush leaves the partitioned logs as they are, is refused by the guard of the audit log, and has
post_migrate fill the tables again, in some three hundred queries a test.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError
from django.core.management.commands import flush
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core import audit_chain, crypto, partitions

_KEPT = "as_migrated"


class Command(flush.Command):
    help = "Brings the test database back to what `migrate` made of it."

    def handle(self, **_options: Any) -> None:
        if not _is_the_tests():
            raise CommandError("This is not the tests' database.")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_statement(cursor))
        ContentType.objects.clear_cache()
        crypto.forget_keys()
        audit_chain.forget_witness()
        partitions.keep_after_migrate()


def remember() -> None:
    """Put aside what `migrate` wrote; called once, when the test database is new.

    Where no test asked for a database pytest-django makes none, and the connection is the developer's own.
    """
    if not _is_the_tests():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {_KEPT}")
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
            if cursor.fetchone()[0]:
                cursor.execute(f"CREATE TABLE {_KEPT}.{table} AS TABLE {table}")


def _is_the_tests() -> bool:
    return str(connection.settings_dict["NAME"]).startswith("test_")


def _statement(cursor: CursorWrapper) -> str:
    """Nobody else comes past the guard of the audit log: it is off for this one TRUNCATE."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables += [log.table for log in partitions.LOGS]
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [_KEPT])
    filled = [f"INSERT INTO {table} SELECT * FROM {_KEPT}.{table}" for (table,) in cursor.fetchall()]
    guard = "ALTER TABLE audit_logs {} TRIGGER audit_logs_no_truncate"
    return "; ".join([guard.format("DISABLE"), f"TRUNCATE {', '.join(tables)}", guard.format("ENABLE"), *filled])
