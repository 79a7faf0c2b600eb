"""Pages of a list in the usual ways: by number, by cursor, by a link in the header
or in the answer.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from sandbox.vendors.frame import Page, Reply, Request, Stop, page

USUAL: Final = 10
MOST: Final = 100


def size_of(request: Request, name: str = "per_page") -> int:
    """Return how many a page has; Stop with 422 for a size that the API does not give."""
    text = request.argument(name, str(USUAL))
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise Stop(Reply(422, {"errors": [{"field": name, "message": f"must be 1 to {MOST}"}]}))
    return int(text)


def numbered(rows: Sequence[Any], request: Request) -> Reply:
    """Answer a page by its number: behind the last one there is an empty one."""
    number = request.argument("page", "1")
    if not number.isdecimal() or int(number) < 1:
        raise Stop(Reply(422, {"errors": [{"field": "page", "message": "must be 1 or more"}]}))
    size = size_of(request)
    found = page(rows, (int(number) - 1) * size, size, request)
    return Reply(200, {"data": found.rows, "meta": {"page": int(number), "total": len(rows)}})


def by_cursor(rows: Sequence[Any], request: Request) -> Reply:
    """Answer a page by a cursor that stands in the answer."""
    found = at_cursor(rows, request, request.argument("cursor"), size_of(request, "limit"))
    following = None if found.following is None else f"c{found.following}"
    return Reply(200, {"result": {"items": found.rows, "next_cursor": following}})


def at_cursor(rows: Sequence[Any], request: Request, cursor: str, size: int) -> Page:
    """Return the page of a cursor; Stop with 422 for what is none."""
    start = cursor.removeprefix("c") or "0"
    is_ours = not cursor or cursor.startswith("c")
    if not is_ours or not start.isdecimal():
        raise Stop(Reply(422, {"errors": [{"field": "cursor", "message": "is not a cursor"}]}))
    return page(rows, int(start), size, request)


def by_link(rows: Sequence[Any], request: Request, base: str) -> Reply:
    """Answer a bare list, and where the next page is in the header Link."""
    start = request.argument("start", "0")
    size = size_of(request, "limit")
    found = page(rows, int(start) if start.isdecimal() else 0, size, request)
    headers = {}
    if found.following is not None:
        others = {name: values[-1] for name, values in request.query.items()}
        query = urlencode(others | {"start": found.following, "limit": size})
        address = f"{base}{request.path}?{query}"
        headers["Link"] = f'<{address}>; rel="next", <{base}{request.path}>; rel="first"'
    return Reply(200, found.rows, headers)
