"""Pages of persons, searches among them, the fields that they have, and organizations."""

import base64
import json
import re
from bisect import bisect_left
from datetime import datetime
from typing import Any, Final

from sandbox.vendors.frame import Reply, Request, page
from sandbox.vendors.pipedrive import cast, refusals
from sandbox.vendors.pipedrive.companies import Person, now

MOST: Final = 500
MOST_CUSTOM: Final = 15
_WHOLE_SECONDS: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SORTS: Final = {"id", "update_time", "add_time"}
_PARAMETERS: Final = {
    "filter_id", "ids", "owner_id", "org_id", "deal_id", "updated_since", "updated_until",
    "sort_by", "sort_direction", "include_fields", "custom_fields", "include_option_labels",
    "include_labels", "limit", "cursor",
}  # fmt: skip
FIELDS: Final = (
    ("name", "Name", "varchar"),
    ("first_name", "First name", "varchar"),
    ("last_name", "Last name", "varchar"),
    ("emails", "Email", "varchar"),
    ("phones", "Phone", "phone"),
    ("org_id", "Organization", "org"),
    ("owner_id", "Owner", "user"),
    ("add_time", "Person created", "date"),
    ("update_time", "Update time", "date"),
    *((code, label, kind) for code, (label, kind) in cast.CUSTOM_FIELDS.items()),
)


def persons(rows: list[Person], request: Request) -> Reply:
    """Answer a page of these, filtered and sorted as asked."""
    if unknown := set(request.query) - _PARAMETERS:
        raise refusals.invalid(f"unknown parameters {sorted(unknown)}")
    if len(_custom(request)) > MOST_CUSTOM:
        raise refusals.invalid(f"custom_fields must have at most {MOST_CUSTOM} keys")
    since, until = _moment(request, "updated_since"), _moment(request, "updated_until")
    ids = {int(each) for each in request.argument("ids").split(",") if each.isdecimal()}
    found = rows
    if since is not None:
        found = [row for row in found if int(row.updated) >= since]
    if until is not None:
        found = [row for row in found if int(row.updated) < until]
    if ids:
        found = [row for row in found if row.id in ids]
    return _page(_sorted(found, request), request)


def search(rows: list[Person], request: Request, lag: float) -> Reply:
    """Answer who has this address, a phone or name, among those that the index has by now."""
    term = request.argument("term").strip().lower()
    is_exact = request.argument("exact_match") == "true"
    if len(term) < (1 if is_exact else 2):
        raise refusals.invalid("term must be at least 2 characters long")
    by_email = "email" in request.argument("fields", "email,name").split(",")
    indexed = now() - lag
    known = [row for row in rows if row.updated <= indexed and not row.is_deleted and by_email]
    found = [row for row in known if _has(row, term, is_exact=is_exact)]
    items = [{"result_score": 0.5, "item": _item(row)} for row in found[: _limit(request)]]
    return Reply(
        200, {"success": True, "data": {"items": items}, "additional_data": {"next_cursor": None}}
    )


def fields(request: Request) -> Reply:
    rows = [
        {
            "field_code": code,
            "field_name": label,
            "field_type": kind,
            "options": None,
            "subfields": None,
            "is_custom_field": code in cast.CUSTOM_FIELDS,
            "is_optional_response_field": False,
        }
        for code, label, kind in FIELDS
    ]
    found = page(rows, _start(request), _limit(request), request)
    return _reply(found.rows, None if found.following is None else _cursor(found.following))


def organizations(request: Request) -> Reply:
    """Answer those of these ids, a hundred at most."""
    ids = [each for each in request.argument("ids").split(",") if each]
    if len(ids) > 100:
        raise refusals.invalid("ids must have at most 100 items")
    known = {str(number): name for number, name in cast.ORGANIZATIONS.items()}
    rows = [
        {"id": int(each), "name": known[each], "is_deleted": False} for each in ids if each in known
    ]
    return _reply(rows[: _limit(request)], None)


def _page(rows: list[Person], request: Request) -> Reply:
    """Cut a page out; the cursor names the person that the next begins at."""
    found = page(rows, _place(rows, request), _limit(request), request)
    cursor = None
    if found.following is not None:
        cursor = _cursor(rows[found.following].id)
    return _reply([_shown(row, _custom(request)) for row in found.rows], cursor)


def _custom(request: Request) -> list[str]:
    """Return the fields that people made and a call names; none: all of them."""
    return [key for key in request.argument("custom_fields").split(",") if key]


def _shown(row: Person, custom: list[str]) -> dict[str, Any]:
    shown = row.as_json()
    if custom:
        shown["custom_fields"] = {
            key: value for key, value in shown["custom_fields"].items() if key in custom
        }
    return shown


def _reply(rows: list[Any], cursor: str | None) -> Reply:
    return Reply(200, {"success": True, "data": rows, "additional_data": {"next_cursor": cursor}})


def _sorted(rows: list[Person], request: Request) -> list[Person]:
    name, backwards = (
        request.argument("sort_by", "id"),
        request.argument("sort_direction") == "desc",
    )
    if name not in _SORTS:
        raise refusals.invalid("sort_by must be one of id, update_time, add_time")
    if name == "id":
        return rows[::-1] if backwards else rows
    keys = {
        "update_time": lambda row: (row.updated, row.id),
        "add_time": lambda row: (row.added, row.id),
    }
    return sorted(rows, key=keys[name], reverse=backwards)


def _place(rows: list[Person], request: Request) -> int:
    number = _start(request)
    if not number:
        return 0
    if request.argument("sort_by", "id") == "id" and request.argument("sort_direction") != "desc":
        return bisect_left(rows, number, key=lambda row: row.id)
    return next((place for place, row in enumerate(rows) if row.id == number), len(rows))


def _limit(request: Request) -> int:
    limit = request.argument("limit", "100")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise refusals.invalid(f"limit must be less than or equal to {MOST}")
    return int(limit)


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"id": number}).encode()).decode()


def _start(request: Request) -> int:
    cursor = request.argument("cursor")
    if not cursor:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor))["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise refusals.invalid("cursor is not valid") from error


def _moment(request: Request, name: str) -> int | None:
    text = request.argument(name)
    if not text:
        return None
    if not _WHOLE_SECONDS.fullmatch(text):
        raise refusals.invalid(f"{name} must be in RFC3339 format")
    return int(datetime.fromisoformat(text).timestamp())


def _has(row: Person, term: str, *, is_exact: bool) -> bool:
    if is_exact:
        return term in row.addresses()
    return any(term in address for address in row.addresses())


def _item(row: Person) -> dict[str, Any]:
    organization = row.values.get("org_id")
    return {
        "id": row.id,
        "type": "person",
        "name": row.values["name"],
        "emails": [email["value"] for email in row.values["emails"]],
        "phones": [phone["value"] for phone in row.values["phones"]],
        "visible_to": 3,
        "owner": {"id": row.values.get("owner_id")},
        "organization": organization
        and {"id": organization, "name": cast.ORGANIZATIONS.get(organization)},
        "custom_fields": [],
        "notes": [],
    }
