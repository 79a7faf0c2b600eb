"""Many rows in one statement: what is inserted, changed, left alone and given back,
and who waits for whom.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from core.bulk import Upsert, packed, recordset
from tests.support.locks import wait_until_held

COLUMNS = {
    "name": "text",
    "number": "integer",
    "body": "bytea",
    "facts": "jsonb",
    "day": "date",
    "owner": "uuid",
}
INSERT = Upsert(
    "test_bulk", COLUMNS, made={"note": "%(note)s"}, order=("name",), returning=("name", "id")
)
LEAVE = replace(INSERT, changes={})
WRITE = replace(
    INSERT,
    unique=("name",),
    changes={
        "number": "stored.number + EXCLUDED.number",
        "body": "EXCLUDED.body",
        "note": "EXCLUDED.note",
    },
)


@pytest.fixture
def table(transactional_db: None) -> Iterator[None]:
    ask(
        "CREATE TABLE test_bulk (id serial PRIMARY KEY, name text UNIQUE, number integer, body "
        "bytea, facts jsonb, day date, owner uuid, note text)"
    )
    yield
    ask("DROP TABLE test_bulk")


def ask(statement: str, parameters: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def row(name: str, **values: Any) -> dict[str, Any]:
    return {
        "name": name,
        "number": 1,
        "body": None,
        "facts": None,
        "day": None,
        "owner": None,
        **values,
    }


@pytest.mark.usefixtures("table")
def test_every_kind_of_value_arrives_as_it_was() -> None:
    owner, odd = uuid4(), 'quote " \\ % %s {} é \U0001f600'
    body = bytes(range(256))

    INSERT.run(
        [row(odd, body=body, facts={"a": [1, None, odd]}, day=date(2026, 2, 28), owner=owner)],
        note=odd,
    )

    (stored,) = ask("SELECT name, number, body, facts::text, day, owner, note FROM test_bulk")
    assert (stored[0], stored[1], bytes(stored[2]), stored[4:]) == (
        odd,
        1,
        body,
        (date(2026, 2, 28), owner, odd),
    )
    assert isinstance(stored[5], UUID)
    assert ask("SELECT facts->'a'->>2 = name FROM test_bulk") == [(True,)]


@pytest.mark.usefixtures("table")
def test_what_a_row_does_not_name_is_null_and_empty_bytes_are_none() -> None:
    INSERT.run([{"name": "a"}, {"name": "b", "body": b""}], note="n")

    assert ask("SELECT name, number, body FROM test_bulk ORDER BY name") == [
        ("a", None, None),
        ("b", None, b""),
    ]


@pytest.mark.usefixtures("table")
def test_rows_are_written_in_their_order_and_given_back() -> None:
    answers = INSERT.run([row("c"), row("a"), row("b")], note="n")

    assert answers == [("a", 1), ("b", 2), ("c", 3)]


@pytest.mark.usefixtures("table")
def test_a_row_that_is_there_is_changed_or_left_or_an_error() -> None:
    WRITE.run([row("a", number=1, body=b"1")], note="first")

    assert [
        name for name, _id in LEAVE.run([row("a", number=9), row("b", number=5)], note="second")
    ] == ["b"]
    WRITE.run([row("a", number=2, body=b"2")], note="third")
    with pytest.raises(IntegrityError):
        INSERT.run([row("c"), row("a")], note="fourth")

    assert ask("SELECT name, number, body, note FROM test_bulk ORDER BY name") == [
        ("a", 3, b"2", "third"),
        ("b", 5, None, "second"),
    ]


@pytest.mark.usefixtures("table")
def test_nothing_to_write_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert WRITE.run([], note="n") == []
    with django_assert_num_queries(1):
        WRITE.run([row(str(number)) for number in range(1000)], note="n")

    assert ask("SELECT count(*) FROM test_bulk") == [(1000,)]


@pytest.mark.usefixtures("table")
def test_a_statement_of_ones_own_reads_the_rows_too() -> None:
    INSERT.run([row("a"), row("b")], note="n")
    columns = {"name": "text", "body": "bytea"}

    ask(
        f"UPDATE test_bulk t SET body = r.body FROM {recordset(columns)} WHERE t.name = r.name",
        {"rows": packed([{"name": "b", "body": b"new"}])},
    )

    assert ask("SELECT name, body FROM test_bulk ORDER BY name") == [("a", None), ("b", b"new")]


@pytest.mark.usefixtures("table")
def test_two_batches_with_the_same_rows_wait_for_each_other_and_lock_nobody_out() -> None:
    failures: list[Exception] = []

    def write(names: list[str]) -> None:
        try:
            WRITE.run([row(name) for name in names], note="n")
        except Exception as error:  # noqa: BLE001  whatever it is, the test names it
            failures.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        WRITE.run([row("b")], note="n")
        threads = [
            threading.Thread(target=write, args=[names])
            for names in (["a", "b", "c"], ["c", "b", "a"])
        ]
        for thread in threads:
            thread.start()
        wait_until_held(2)
    for thread in threads:
        thread.join()

    assert failures == []
    assert ask("SELECT name, number FROM test_bulk ORDER BY name") == [("a", 2), ("b", 3), ("c", 2)]


def test_a_value_that_no_row_can_have_is_refused() -> None:
    with pytest.raises(TypeError):
        packed([{"name": object()}])
