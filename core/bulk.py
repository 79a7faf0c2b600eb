"""Many rows in one statement: they travel as one JSON value, and PostgreSQL reads it with
the columns' types.

A list for each column costs psycopg twenty times as much to write, and a statement for each row a
round trip. Bytes travel as base64, which is a third longer than they are; hexadecimal would be
twice as long.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
from django.db import connection

Columns = Mapping[str, str]


@dataclass(frozen=True)
class Upsert:
    """Inserts rows, and says what becomes of those that are there already.

    `columns` have the types that the rows' JSON is read by, `made` have their values from SQL, the
    same for all rows. `changes` is each column's new value where the row is there, in terms of
    `stored` and EXCLUDED; with none of them the row is left alone, and without `changes` it is an
    error. `unique` are the columns that make it the same row; where none are named, any unique
    index does. Rows are written, and so locked, in the order of the columns `order`: of two batches
    with the same rows one waits for the other, and neither locks the other out.
    """

    table: str
    columns: Columns
    made: Columns = field(default_factory=dict)
    unique: Sequence[str] = ()
    changes: Columns | None = None
    order: Sequence[str] = ()
    returning: Sequence[str] = ()

    def run(self, rows: Sequence[Mapping[str, Any]], **values: Any) -> list[Any]:
        """Write these rows, with the values that SQL names;
        return what was asked back of those that were written.
        """
        if not rows:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, {**values, "rows": packed(rows)})
            if self.returning:
                return cursor.fetchall()
            return []

    @cached_property
    def sql(self) -> str:
        names, values = (
            [*self.columns, *self.made],
            [*(f"r.{name}" for name in self.columns), *self.made.values()],
        )
        parts = [
            f"INSERT INTO {self.table} AS stored ({', '.join(names)})",
            f"SELECT {', '.join(values)} FROM {recordset(self.columns)}",  # noqa: S608  names of our own columns
            f"ORDER BY {', '.join(f'r.{name}' for name in self.order)}" if self.order else "",
            self._conflict(),
            f"RETURNING {', '.join(f'stored.{name}' for name in self.returning)}"
            if self.returning
            else "",
        ]
        return "\n".join(part for part in parts if part)

    def _conflict(self) -> str:
        if self.changes is None:
            return ""
        target = "ON CONFLICT"
        if self.unique:
            target = f"ON CONFLICT ({', '.join(self.unique)})"
        changes = ", ".join(f"{name} = {value}" for name, value in self.changes.items())
        if changes:
            return f"{target} DO UPDATE SET {changes}"
        return f"{target} DO NOTHING"


def recordset(columns: Columns) -> str:
    """Return what stands after FROM for rows that were packed as the parameter `rows`:
    a table `r` of these columns.
    """
    types = ", ".join(
        f"{name} {'text' if kind == 'bytea' else kind}" for name, kind in columns.items()
    )
    values = ", ".join(
        f"decode({name}, 'base64') AS {name}" if kind == "bytea" else name
        for name, kind in columns.items()
    )
    return f"(SELECT {values} FROM json_to_recordset(%(rows)s::json) AS given({types})) AS r"  # noqa: S608  the same


def packed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as the parameter that `recordset` reads."""
    return orjson.dumps(rows, default=_base64).decode()


def _base64(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no value of a row")
