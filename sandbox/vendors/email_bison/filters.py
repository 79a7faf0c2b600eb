"""What the lists can be filtered by; a filter in another shape is passed over."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.frame import Request

Test = Callable[[Row], bool]
ACCOUNT_STATUSES: Final = {"connected", "not_connected", "pending_move", "pending_deletion"}
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_COMPARE: Final[dict[str, Callable[[str | float, str | float], bool]]] = {
    "=": lambda left, right: left == right,
    ">=": lambda left, right: left >= right,  # type: ignore[operator]
    ">": lambda left, right: left > right,  # type: ignore[operator]
    "<=": lambda left, right: left <= right,  # type: ignore[operator]
    "<": lambda left, right: left < right,  # type: ignore[operator]
}


def keep(rows: Iterable[Row], tests: Iterable[Test | None]) -> list[Row]:
    """Return the rows that meet every test; None is a filter that was not asked for."""
    asked = [test for test in tests if test is not None]
    return [row for row in rows if all(test(row) for test in asked)]


def numbers(request: Request, name: str) -> set[int]:
    """Read an array of the query: `name[]` or `name[0]`, never a bare `name`."""
    shape = re.compile(re.escape(name) + r"\[\d*\]")
    found = [
        value for key, values in request.query.items() if shape.fullmatch(key) for value in values
    ]
    return {int(value) for value in found if value.isdecimal()}


def words(request: Request, name: str) -> set[str]:
    shape = re.compile(re.escape(name) + r"\[\d*\]")
    return {
        value for key, values in request.query.items() if shape.fullmatch(key) for value in values
    }


def search(request: Request, *fields: str) -> Test | None:
    text = request.argument("search").casefold()
    if not text:
        return None
    return lambda row: any(text in str(row.get(name) or "").casefold() for name in fields)


def tagged(request: Request, prefix: str = "") -> list[Test | None]:
    """Read the three filters by tag; `prefix` wraps their names, as `filters` does for leads."""

    def name(word: str) -> str:
        return f"{prefix}[{word}]" if prefix else word

    wanted, unwanted = numbers(request, name("tag_ids")), numbers(request, name("excluded_tag_ids"))
    without = _FLAGS.get(request.argument(name("without_tags")), False)
    return [
        (lambda row: bool(_tags(row) & wanted)) if wanted else None,
        (lambda row: not _tags(row) & unwanted) if unwanted else None,
        (lambda row: not row["tags"]) if without else None,
    ]


def _tags(row: Row) -> set[int]:
    return {tag["id"] for tag in row.get("tags") or ()}


def flag(request: Request, name: str) -> Test | None:
    value = _FLAGS.get(request.argument(name))
    return None if value is None else lambda row: row[name] is value


def number(request: Request, name: str) -> Test | None:
    text = request.argument(name)
    return (lambda row: row[name] == int(text)) if text.isdecimal() else None


def account_status(request: Request) -> Test | None:
    """Compare `not_connected` of the query with `Not connected` of the row."""
    wished = request.argument("status")
    if wished not in ACCOUNT_STATUSES:
        return None
    return lambda row: row["status"].casefold().replace(" ", "_") == wished


def of_account(request: Request) -> list[Test | None]:
    return [search(request, "name", "email"), account_status(request), *tagged(request)]


def of_reply(request: Request) -> list[Test | None]:
    statuses: dict[str, Test] = {
        "interested": lambda row: row["interested"],
        "automated_reply": lambda row: row["automated_reply"],
        "not_automated_reply": lambda row: not row["automated_reply"],
    }
    folder = request.argument("folder")
    known = folder in {"inbox", "sent", "spam", "bounced"}
    wanted = numbers(request, "tag_ids")
    return [
        search(request, "subject", "text_body", "from_name", "from_email_address"),
        statuses.get(request.argument("status")),
        (lambda row: row["folder"].casefold() == folder) if known else None,
        flag(request, "read"),
        *(number(request, name) for name in ("campaign_id", "sender_email_id", "lead_id")),
        (lambda row: bool(_tags(row) & wanted)) if wanted else None,
    ]


def of_lead(request: Request) -> list[Test | None]:
    """Read `search` and what stands in `filters[…]`."""
    statuses = words(request, "filters[verification_statuses]")
    state = request.argument("filters[lead_campaign_status]")
    return [
        search(request, "email", "first_name", "last_name", "company"),
        (lambda row: row["status"] in statuses) if statuses else None,
        (lambda row: any(each["status"] == state for each in row["lead_campaign_data"]))
        if state
        else None,
        *tagged(request, "filters"),
        *(_counted(request, name) for name in ("emails_sent", "opens", "replies")),
        *(_dated(request, name) for name in ("created_at", "updated_at")),
    ]


def _counted(request: Request, name: str) -> Test | None:
    compare, value = _criteria(request, name)
    if compare is None or not value.isdecimal():
        return None
    return lambda row: compare(int(row["overall_stats"][name]), int(value))


def _dated(request: Request, name: str) -> Test | None:
    compare, value = _criteria(request, name)
    if compare is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return None
    return lambda row: compare(row[name][:10], value)


def _criteria(
    request: Request, name: str
) -> tuple[Callable[[str | float, str | float], bool] | None, str]:
    compare = _COMPARE.get(request.argument(f"filters[{name}][criteria]"))
    return compare, request.argument(f"filters[{name}][value]")
