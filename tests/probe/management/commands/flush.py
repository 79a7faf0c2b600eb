"""Between transactional tests: every table as `migrate` left it, in two short questions.

Django's own flush leaves the partitioned logs as they are, is refused by the guard of the audit
log, and has post_migrate fill the tables again, in some three hundred queries a test. TRUNCATE
makes new files for each table and index, filled or not: a test fills a few of the hundred, and
those alone are emptied.
"""

from functools import lru_cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError
from django.core.management.commands import flush
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.audit import chain
from core.postgres import partitions
from core.secrets import crypto

_KEPT = "as_migrated"


class Command(flush.Command):
    help = "Brings the test database back to what `migrate` made of it."

    def handle(self, **_options: Any) -> None:
        if not _is_the_tests():
            raise CommandError("This is not the tests' database.")
        with transaction.atomic(), connection.cursor() as cursor:
            filled = _filled(cursor, _tables())
            kept = _kept()
            # Nobody else comes past the guard of the audit log, and past what rows
            # say of each other.
            statements = ["SET LOCAL session_replication_role = replica"]
            statements += [f"DELETE FROM {table}" for table in filled]
            statements += [f"INSERT INTO {table} SELECT * FROM {_KEPT}.{table}" for table in kept]
            cursor.execute("; ".join(statements))
        ContentType.objects.clear_cache()
        crypto.forget_keys()
        chain.forget_witness()
        partitions.keep_after_migrate()


def remember() -> None:
    """Put aside what `migrate` wrote; called once, when the test database is new.

    Where no test asked for a database pytest-django makes none,
    and the connection is the developer's own.
    """
    if not _is_the_tests():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {_KEPT}")
        for table in _filled(cursor, _tables()):
            cursor.execute(f"CREATE TABLE {_KEPT}.{table} AS TABLE {table}")


def _is_the_tests() -> bool:
    return str(connection.settings_dict["NAME"]).startswith("test_")


@lru_cache
def _tables() -> tuple[str, ...]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return (*tables, *(log.table for log in partitions.LOGS))


@lru_cache
def _kept() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [_KEPT])
        return tuple(table for (table,) in cursor.fetchall())


def _filled(cursor: CursorWrapper, tables: tuple[str, ...]) -> list[str]:
    """Return those of these tables that have rows."""
    if not tables:
        return []
    looks = [
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in dict.fromkeys(tables)
    ]
    cursor.execute(" UNION ALL ".join(looks))
    return [table for (table,) in cursor.fetchall()]
