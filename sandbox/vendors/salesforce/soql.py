"""As much of SOQL as a contact sync needs, read strictly:
what a slip in escaping makes of a query is refused.

SELECT Id, Email, Account.Name FROM Contact
WHERE Email IN ('a@b.example', 'o\\'brien@b.example') AND SystemModstamp >= 2026-11-01T00:00:00Z
ORDER BY SystemModstamp, Id LIMIT 200
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from sandbox.vendors.salesforce.refusals import malformed

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\\n]|\\['\"\\nrtbf_%])*')"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_.]*(?:\(\s*\))?)"
    r"|(?P<sign>!=|<=|>=|[=<>(),]))"
)
_UNESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left is not None and left < right,
    "<=": lambda left, right: left is not None and left <= right,
    ">": lambda left, right: left is not None and left > right,
    ">=": lambda left, right: left is not None and left >= right,
}


@dataclass(frozen=True)
class Condition:
    """`field sign value`; with IN, the value is a list."""

    field: str
    sign: str
    value: Any

    def holds(self, row: dict[str, Any]) -> bool:
        found = comparable(row.get(self.field))
        if self.sign == "IN":
            return found in self.value
        return _SIGNS[self.sign](found, self.value)


@dataclass
class Query:
    """A query that was understood."""

    fields: list[str]
    object: str
    conditions: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None

    def run(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows that are asked for, in their order."""
        found = [row for row in rows if all(condition.holds(row) for condition in self.conditions)]
        for name, descends in reversed(self.order):
            found.sort(key=partial(_place, name), reverse=descends)
        return found[: self.limit]

    @property
    def counts(self) -> bool:
        return self.fields == ["COUNT()"]


def _place(name: str, row: dict[str, Any]) -> str:
    return str(row.get(name) or "")


def comparable(value: Any) -> Any:
    """Return what a value is compared as: texts without their case, times as moments."""
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d\d-\d\dT.*\+0000", value):
            return datetime.fromisoformat(value)
        return value.casefold()
    return value


def parse(text: str) -> Query:
    """Return what a query says; Stop with MALFORMED_QUERY for anything else."""
    reader = _Reader(text)
    reader.word("SELECT")
    fields = [reader.name()]
    while reader.takes(","):
        fields.append(reader.name())
    reader.word("FROM")
    query = Query(
        [name.upper() if name.upper() == "COUNT()" else name for name in fields], reader.name()
    )
    if reader.takes("WHERE"):
        query.conditions.append(reader.condition())
        while reader.takes("AND"):
            query.conditions.append(reader.condition())
    if reader.takes("ORDER"):
        reader.word("BY")
        query.order.append(reader.order())
        while reader.takes(","):
            query.order.append(reader.order())
    if reader.takes("LIMIT"):
        query.limit = int(reader.value())
    reader.end()
    return query


class _Reader:
    """The words of a query, one after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[tuple[str, str]] = []
        place = 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise malformed(text)
            self.words.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()
        self.words.reverse()

    def takes(self, word: str) -> bool:
        """Take this word if it is the next."""
        if (
            self.words
            and self.words[-1][0] in {"name", "sign"}
            and self.words[-1][1].upper() == word
        ):
            self.words.pop()
            return True
        return False

    def word(self, word: str) -> None:
        if not self.takes(word):
            raise malformed(self.text)

    def name(self) -> str:
        kind, word = self._next()
        if kind != "name":
            raise malformed(self.text)
        return word

    def order(self) -> tuple[str, bool]:
        name = self.name()
        descends = self.takes("DESC")
        if not descends:
            self.takes("ASC")
        return name, descends

    def condition(self) -> Condition:
        name = self.name()
        if self.takes("IN"):
            self.word("(")
            values = [self.value()]
            while self.takes(","):
                values.append(self.value())
            self.word(")")
            return Condition(name, "IN", values)
        kind, sign = self._next()
        if kind != "sign" or sign not in _SIGNS:
            raise malformed(self.text)
        return Condition(name, sign, self.value())

    def value(self) -> Any:
        kind, word = self._next()
        if kind == "text":
            return re.sub(
                r"\\(.)", lambda found: _UNESCAPED.get(found[1], found[1]), word[1:-1]
            ).casefold()
        if kind == "time":
            return datetime.fromisoformat(word)
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind == "name" and word.lower() in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[word.lower()]
        raise malformed(self.text)

    def end(self) -> None:
        if self.words:
            raise malformed(self.text)

    def _next(self) -> tuple[str, str]:
        if not self.words:
            raise malformed(self.text)
        return self.words.pop()
