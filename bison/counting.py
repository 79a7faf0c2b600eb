"""How many rows a list of the vendor has: its first page says it."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from bison.client import VENDOR, Odd
from bison.session import Session
from core.words.digits import are_digits, is_whole

# No count is as large: many of them together still fit their columns.
BEYOND: Final = 10**15


def count(session: Session, path: str, params: Mapping[str, Any] | None = None) -> int:
    """Return how many rows a list has, known to be of the session's workspace."""
    return session.confirmed(partial(_total, path=path, params=dict(params or {})))


def _total(session: Session, *, path: str, params: dict[str, Any]) -> int:
    body = session.get(path, params={**params, "page": "1"}).json()
    meta = body.get("meta") if isinstance(body, Mapping) else None
    total = meta.get("total") if isinstance(meta, Mapping) else None
    found = number(total)
    if found is None:
        raise Odd(VENDOR)
    return found


def number(value: Any) -> int | None:
    """Return a count that the vendor wrote as a number or as text, None for what cannot be one."""
    if are_digits(value, 15):
        return int(value)
    if is_whole(value) and 0 <= value < BEYOND:
        return value
    return None
