"""Laravel's lists: pages by number with links and meta, and pages by cursor."""

import base64
import json
from collections.abc import Sequence
from typing import Any, Final

from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.frame import Reply, Request, page

# The host that the instance takes itself for; nothing answers there.
OTHER_HOST: Final = "https://instance.bison.invalid/api"
MOST: Final = 100


def size_of(request: Request, switched: dict[str, Any]) -> int:
    """Return how many rows a page has: fifteen, unless a switch says otherwise."""
    size = int(switched["page_size"])
    wished = request.argument("per_page")
    if switched["honours_per_page"] and wished.isdecimal() and int(wished):
        return min(int(wished), MOST)
    return size


def number_of(request: Request) -> int:
    text = request.argument("page", "1")
    return max(1, int(text)) if text.isdecimal() else 1


def numbered(request: Request, path: str, rows: Sequence[Row], switched: dict[str, Any]) -> Reply:
    """Put rows into the envelope of every list; links name another host, no filters."""
    size, current = size_of(request, switched), number_of(request)
    last = max(1, -(-len(rows) // size))
    start = (current - 1) * size
    found = list(page(rows, start, size, request).rows) if start < len(rows) else []
    if request.fault("looping_cursor"):
        found, last = list(rows[:size]), current + 1
    base = f"{OTHER_HOST}{path}"
    links = {
        "first": f"{base}?page=1",
        "last": f"{base}?page={last}",
        "prev": f"{base}?page={current - 1}" if current > 1 else None,
        "next": f"{base}?page={current + 1}" if current < last else None,
    }
    meta = {
        "current_page": current, "from": start + 1 if found else None, "last_page": last,
        "links": _buttons(base, current, last, links), "path": base, "per_page": size,
        "to": start + len(found) if found else None, "total": len(rows),
    }  # fmt: skip
    return Reply(200, {"data": found, "links": links, "meta": meta})


def _buttons(
    base: str, current: int, last: int, links: dict[str, str | None]
) -> list[dict[str, Any]]:
    """Return what Laravel draws under a list: the ends, and the numbers near the page."""
    near = sorted({1, last, *range(max(1, current - 3), min(last, current + 3) + 1)})
    numbers = [
        {"url": f"{base}?page={number}", "label": str(number), "active": number == current}
        for number in near
    ]
    return [
        {"url": links["prev"], "label": "&laquo; Previous", "active": False},
        *numbers,
        {"url": links["next"], "label": "Next &raquo;", "active": False},
    ]


def by_cursor(request: Request, path: str, rows: Sequence[Row], switched: dict[str, Any]) -> Reply:
    """Page rows that stand newest first by the id after which a page begins."""
    size = size_of(request, switched)
    after = _read(request.argument("cursor"))
    later = [row for row in rows if after is None or row["id"] < after]
    found = later[:size]
    following = _cursor(found[-1]["id"]) if len(later) > size else None
    if request.fault("looping_cursor") and rows:
        following = _cursor(rows[0]["id"] + 1)
    base = f"{OTHER_HOST}{path}"
    links = {
        "first": None, "last": None, "prev": None,
        "next": f"{base}?cursor={following}" if following else None,
    }  # fmt: skip
    meta = {"path": base, "per_page": size, "next_cursor": following, "prev_cursor": None}
    return Reply(200, {"data": found, "links": links, "meta": meta})


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(
        json.dumps({"id": number, "_pointsToNextItems": True}).encode()
    ).decode()


def _read(cursor: str) -> int | None:
    """Read a cursor; what is none begins at the front, as the vendor's framework does."""
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor))["id"]) if cursor else None
    except (ValueError, KeyError, TypeError):
        return None
