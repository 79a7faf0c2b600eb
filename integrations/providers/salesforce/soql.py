"""Queries in Salesforce's language, written so that no value can be read as anything else."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote_plus

# A query goes in the address, which Salesforce takes up to 16,384 characters of.
LONGEST: Final = 7000
MOST: Final = 200
_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)


def literal(text: str) -> str:
    """Return a text as a literal; characters that cannot stand in a query are left out."""
    kept = "".join(letter for letter in text if letter in "\n\r\t\b\f" or letter >= " ")
    return f"'{kept.translate(_ESCAPES)}'"


def moment(when: datetime) -> str:
    """Return a moment as a literal: in UTC, and without quotes."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def contacts(columns: Sequence[str], since: datetime | None, *, deleted: bool = False) -> str:
    """Return the query for all contacts, or for those changed since;
    in an order in which none changes its place.
    """
    conditions = []
    if deleted:
        conditions.append("IsDeleted = true")
    if since is not None:
        conditions.append(f"SystemModstamp >= {moment(since)}")
    where = ""
    if conditions:
        where = f" WHERE {' AND '.join(conditions)}"
    order = "Id" if since is None else "SystemModstamp, Id"
    return f"SELECT {', '.join(columns)} FROM Contact{where} ORDER BY {order}"  # noqa: S608 - names of ours


def by_address(addresses: Sequence[str]) -> Iterator[str]:
    """Return the queries that find who has these addresses:
    as many as it takes for each to be short enough.
    """
    literals: list[str] = []
    length = 0
    for address in addresses:
        text = literal(address)
        size = len(quote_plus(text)) + 3
        is_full = length + size > LONGEST or len(literals) >= MOST
        if literals and is_full:
            yield _by_address(literals)
            literals, length = [], 0
        literals.append(text)
        length += size
    if literals:
        yield _by_address(literals)


def _by_address(literals: Sequence[str]) -> str:
    return f"SELECT Id, Email FROM Contact WHERE Email IN ({', '.join(literals)}) ORDER BY Id"  # noqa: S608 - escaped
