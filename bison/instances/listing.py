"""The workspaces that a key lists, page by page, and whether that is all of them.

The list is an instance's, wherever the key's user is just now. A page that repeats rows, ends
early, or comes while the list changes proves nothing: then `is_whole` is false, and what is not
listed may still be at the vendor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bison.client import VENDOR, Odd
from core.http import Client
from core.words.digits import are_digits, is_whole

PATH: Final = "/workspaces/v1.1"
MOST_PAGES: Final = 5_000
LONGEST_NAME: Final = 200
# As much as the columns hold.
BEYOND: Final = 2**63


@dataclass(frozen=True, slots=True)
class Listed:
    """The names of the workspaces by their numbers. `total`:
    how many the vendor says that there are.
    """

    names: Mapping[int, str]
    total: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Page:
    names: dict[int, str]
    rows: int
    total: int | None
    last: int
    is_as_asked: bool


def workspaces(client: Client) -> Listed:
    """Return what the key lists; Odd for an answer that is no list of workspaces."""
    names: dict[int, str] = {}
    totals: set[int | None] = set()
    is_whole = True
    number, last = 1, 1
    while number <= last:
        page = _ask(client, number)
        before = len(names)
        names.update(page.names)
        totals.add(page.total)
        is_new = len(names) == before + page.rows
        is_whole = is_whole and page.is_as_asked and is_new
        number, last = number + 1, page.last
        if len(names) == before:
            # Nothing new on it: whatever follows, the list ends here.
            break
    if totals == {None}:
        return Listed(names, len(names), is_whole and _shows_nothing_new(client, names))
    total = max((count for count in totals if count is not None), default=len(names))
    has_all = bool(names) and totals == {len(names)}
    return Listed(names, total, is_whole and has_all)


def _shows_nothing_new(client: Client, names: Mapping[int, str]) -> bool:
    """Tell whether a list that counts no pages is whole: a second page then shows the same
    again, or nothing.
    """
    return bool(names) and not set(_ask(client, 2).names) - set(names)


def _ask(client: Client, number: int) -> _Page:
    body = client.get(PATH, params={"page": str(number)}).json()
    rows = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(rows, list):
        raise Odd(VENDOR)
    names = _names(rows)
    meta = body.get("meta")
    if not isinstance(meta, Mapping):
        return _Page(names, len(rows), None, last=number, is_as_asked=True)
    last, total = _count(meta.get("last_page")), _count(meta.get("total"))
    if last is None or last > MOST_PAGES:
        raise Odd(VENDOR)
    is_as_asked = _count(meta.get("current_page")) == number
    return _Page(names, len(rows), total, last, is_as_asked)


def _names(rows: Sequence[Any]) -> dict[int, str]:
    names = {}
    for row in rows:
        number = _count(row.get("id")) if isinstance(row, Mapping) else None
        if number is None:
            raise Odd(VENDOR)
        text = str(row.get("name") or "").replace("\x00", "").strip()[:LONGEST_NAME]
        names[number] = text or f"#{number}"
    return names


def _count(value: Any) -> int | None:
    if are_digits(value, 15):
        return int(value)
    if is_whole(value) and 0 <= value < BEYOND:
        return value
    return None
