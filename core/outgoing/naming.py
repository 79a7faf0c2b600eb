"""What a workspace was called, and from when until when: the log knows workspaces by name alone,
and names change, and change hands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and the time in which it meant this workspace; None: since ever, until now."""

    text: str
    since: datetime | None = None
    until: datetime | None = None


def bearing(names: Iterable[Name], column: str) -> Q:
    """Return which rows of a log bear one of the names in its time; any row where there is none."""
    wanted = Q()
    for name in names:
        found = Q(workspace_name=name.text)
        if name.since is not None:
            found &= Q(**{f"{column}__gte": name.since})
        if name.until is not None:
            found &= Q(**{f"{column}__lt": name.until})
        wanted |= found
    return wanted


def in_sql(names: Sequence[Name], column: str) -> tuple[str, dict[str, Any]]:
    """Return the same as a condition of SQL and its values; there has to be a name."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for number, name in enumerate(names):
        values[f"name_{number}"] = name.text
        condition = f"workspace_name = %(name_{number})s"
        if name.since is not None:
            values[f"since_{number}"] = name.since
            condition += f" AND {column} >= %(since_{number})s"
        if name.until is not None:
            values[f"until_{number}"] = name.until
            condition += f" AND {column} < %(until_{number})s"
        conditions.append(f"({condition})")
    return f"({' OR '.join(conditions)})", values
