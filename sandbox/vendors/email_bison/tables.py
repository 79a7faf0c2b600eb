"""Rows by their id. What is deleted stays to be seen until the vendor's queue gets to it."""

import time
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]


class Table:
    """The rows of a kind in a workspace, in the order in which they came."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: dict[int, Row] = {row["id"]: row for row in rows}
        self._ends: dict[int, float] = {}

    def add(self, row: Row) -> Row:
        self._rows[row["id"]] = row
        return row

    def all(self) -> list[Row]:
        self._tidy()
        return list(self._rows.values())

    def get(self, number: int) -> Row | None:
        self._tidy()
        return self._rows.get(number)

    def remove(self, number: int, seconds: float = 0) -> Row | None:
        """Take a row away, at once or after so long; return it."""
        row = self.get(number)
        if row is not None:
            self._ends[number] = time.monotonic() + seconds
            self._tidy()
        return row

    def _tidy(self) -> None:
        now = time.monotonic()
        for number in [number for number, end in self._ends.items() if end <= now]:
            self._rows.pop(number, None)
            del self._ends[number]
