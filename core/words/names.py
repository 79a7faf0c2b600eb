"""What an organization is called, for rows that carry its id alone:
the app that has the names declares where.

Core knows no organizations; the expression is worked out by the database,
in the query of the rows themselves.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Value

_declared: list[Callable[[str], Any]] = []


def declare(name_of: Callable[[str], Any]) -> None:
    """Say how a column that holds an organization's id leads to its name."""
    _declared[:] = [name_of]


def organization(column: str) -> Any:
    """Return the expression for the name of the organization whose id stands in this column."""
    if _declared:
        return _declared[0](column)
    return Value("")
