"""Lists of contacts: by number for the first two thousand, beyond them by tokens
that live a day.
"""

import base64
import contextlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.vendors.frame import Reply, Request, page
from sandbox.vendors.zoho.contacts import Contacts, stamp
from sandbox.vendors.zoho.refusals import invalid, missing, refused

MOST_ROWS: Final = 200
MOST_FIELDS: Final = 50
BY_NUMBER: Final = 2000
_SORTS: Final = {"id": "id", "Created_Time": "Created_Time", "Modified_Time": "Modified_Time"}
_NOTHING: Final = {"Content-Type": "text/plain"}


def listed(contacts: Contacts, request: Request, user: str) -> Reply:
    """Answer a list: 204 without a body where there is nobody, 304 where nobody was changed."""
    if not request.argument("fields"):
        raise missing("fields")
    fields = request.argument("fields").split(",")
    if len(fields) > MOST_FIELDS:
        raise refused(400, "LIMIT_EXCEEDED", f"more than {MOST_FIELDS} fields", param_name="fields")
    sort = request.argument("sort_by", "id")
    if sort not in _SORTS:
        raise invalid("sort_by")
    since = _since(request)
    rows = contacts.changed_since(since)
    rows.sort(
        key=lambda row: (str(row[sort]), row["id"]),
        reverse=request.argument("sort_order", "desc") == "desc",
    )
    wish = [*fields, sort, request.argument("sort_order", "desc"), str(since), user]
    return paged(rows, request, wish, is_incremental=since is not None, fields=fields)


def gone(contacts: Contacts, request: Request, user: str) -> Reply:
    """Answer the list of those who were deleted."""
    kind = request.argument("type", "all")
    if kind not in {"all", "recycle", "permanent"}:
        raise invalid("type")
    since = _since(request)
    rows = [row for row in contacts.gone if kind in {"all", row["type"]}]
    if since is not None:
        rows = [row for row in rows if datetime.fromisoformat(row["deleted_time"]) > since]
    return paged(
        rows, request, ["deleted", kind, str(since), user], is_incremental=since is not None
    )


def paged(
    rows: Sequence[dict[str, Any]],
    request: Request,
    wish: Sequence[str],
    *,
    is_incremental: bool,
    fields: Sequence[str] = (),
) -> Reply:
    """Put the rows of one page into the envelope of every list."""
    if not rows:
        return Reply(304 if is_incremental else 204, None, dict(_NOTHING))
    size = _number(request, "per_page", MOST_ROWS)
    if size > MOST_ROWS:
        raise invalid("per_page", f"per_page must be at most {MOST_ROWS}")
    start = _start(request, size, wish)
    found = page(rows, start, size, request)
    if not found.rows:
        return Reply(204, None, dict(_NOTHING))
    info: dict[str, Any] = {
        "per_page": size,
        "count": len(found.rows),
        "page": start // size + 1,
        "more_records": found.following is not None,
        "next_page_token": None,
        "previous_page_token": None,
        "page_token_expiry": None,
    }
    if found.following is not None:
        expiry = datetime.now(UTC) + timedelta(days=1)
        info |= {
            "next_page_token": _token(found.following, wish),
            "page_token_expiry": stamp(expiry),
        }
    data = [_shown(row, fields) for row in found.rows]
    return Reply(200, {"data": data, "info": info})


def _shown(row: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    if not fields:
        return row
    return {"id": row["id"], **{name: row[name] for name in fields if name in row}}


def _start(request: Request, size: int, wish: Sequence[str]) -> int:
    token = request.argument("page_token")
    if not token:
        start = (_number(request, "page", 1) - 1) * size
        if start >= BY_NUMBER:
            message = "The requested page is beyond the first 2000 records: use page_token"
            raise refused(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", message)
        return start
    if request.argument("page"):
        raise refused(
            400, "AMBIGUITY_DURING_PROCESSING", "page and page_token cannot be used together"
        )
    try:
        start, known = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise invalid("page_token") from None
    if known != list(wish):
        raise invalid("page_token", "the page_token belongs to another list, or to another user")
    return int(start)


def _token(start: int, wish: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, list(wish)]).encode()).decode()


def _number(request: Request, name: str, default: int) -> int:
    text = request.argument(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise invalid(name)
    return int(text)


def _since(request: Request) -> datetime | None:
    """Read If-Modified-Since: a moment with its offset, and not the date of HTTP."""
    text = request.headers.get("if-modified-since", "")
    if not text:
        return None
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    raise refused(400, "INVALID_DATA", "invalid data", api_name="If-Modified-Since")
