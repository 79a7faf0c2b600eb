"""A search: filters, one sort, and an index that comes some seconds after
the contacts themselves.
"""

from collections.abc import Callable
from typing import Any, Final

from sandbox.vendors.frame import Reply, Request, page
from sandbox.vendors.hubspot import refusals
from sandbox.vendors.hubspot.portals import Contact, Portal, now

MOST: Final = 200
DEEPEST: Final = 10_000
LONGEST_QUERY: Final = 3_000
_NUMERIC: Final = {"hs_object_id", "createdate", "lastmodifieddate"}
_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "EQ": lambda value, wanted: bool(value == wanted),
    "NEQ": lambda value, wanted: bool(value != wanted),
    "GT": lambda value, wanted: bool(value > wanted),
    "GTE": lambda value, wanted: bool(value >= wanted),
    "LT": lambda value, wanted: bool(value < wanted),
    "LTE": lambda value, wanted: bool(value <= wanted),
}


def search(portal: Portal, request: Request, lag: float) -> Reply:
    """Answer a search among the contacts that the index has by now."""
    wish = request.json()
    if not isinstance(wish, dict):
        raise refusals.invalid("Invalid input JSON")
    limit, after = _size(wish), _after(wish)
    if after + limit > DEEPEST:
        raise refusals.invalid("The after value exceeds the maximum of 10000 results")
    if len(request.body) > LONGEST_QUERY:
        raise refusals.invalid("The query is too long")
    indexed = now() - int(lag * 1000)
    matching = [
        contact
        for contact in portal.listed(archived=False)
        if contact.updated <= indexed and _meets(contact, wish.get("filterGroups") or [])
    ]
    _sort(matching, wish.get("sorts") or [])
    found = page(matching, after, limit, request)
    wanted = [str(name) for name in wish.get("properties") or []]
    body: dict[str, Any] = {
        "total": len(matching),
        "results": [contact.as_json(wanted) for contact in found.rows],
    }
    if found.following is not None:
        body["paging"] = {"next": {"after": str(found.following)}}
    return Reply(200, body)


def _size(wish: dict[str, Any]) -> int:
    limit = wish.get("limit", 10)
    if not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise refusals.invalid(f"limit must be at most {MOST}")
    return limit


def _after(wish: dict[str, Any]) -> int:
    after = str(wish.get("after") or "0")
    if not after.isdecimal():
        raise refusals.invalid("after is not valid")
    return int(after)


def _meets(contact: Contact, groups: list[dict[str, Any]]) -> bool:
    """Tell whether all filters of any group are met."""
    return not groups or any(
        all(_holds(contact, rule) for rule in group["filters"]) for group in groups
    )


def _holds(contact: Contact, rule: dict[str, Any]) -> bool:
    name, operator = rule.get("propertyName", ""), rule.get("operator", "")
    value = contact.value(name)
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return bool(value) == (operator == "HAS_PROPERTY")
    if operator == "IN":
        return str(value).lower() in {str(each).lower() for each in rule.get("values") or []}
    if operator not in _COMPARED:
        raise refusals.invalid(
            f"There was a problem with the request: operator {operator} is not valid"
        )
    if name in _NUMERIC:
        return _COMPARED[operator](_number(contact, name), int(rule["value"]))
    return _COMPARED[operator](str(value or "").lower(), str(rule.get("value", "")).lower())


def _number(contact: Contact, name: str) -> int:
    return {
        "hs_object_id": contact.id,
        "createdate": contact.created,
        "lastmodifieddate": contact.updated,
    }[name]


def _sort(contacts: list[Contact], sorts: list[Any]) -> None:
    """Sort as asked: the vendor takes one sort, as an object or a name."""
    if not sorts:
        return
    wish = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": str(sorts[0])}
    name = wish.get("propertyName", "")
    backwards = wish.get("direction") == "DESCENDING"
    if name in _NUMERIC:
        contacts.sort(key=lambda contact: _number(contact, name), reverse=backwards)
    else:
        contacts.sort(key=lambda contact: str(contact.value(name) or ""), reverse=backwards)
