"""What the body of a write may hold: version 2 is strict, and takes no number that is a text."""

from typing import Any, Final

from sandbox.vendors.frame import Request
from sandbox.vendors.pipedrive import cast, refusals

_TYPES: Final[dict[str, type]] = {
    "name": str,
    "owner_id": int,
    "org_id": int,
    "visible_to": int,
    "emails": list,
    "phones": list,
    "label_ids": list,
    "custom_fields": dict,
}


def values(request: Request, *, is_new: bool) -> dict[str, Any]:
    """Return what is to be written; Stop with 400 for what the vendor does not take."""
    body = request.json()
    if not isinstance(body, dict):
        raise refusals.invalid("body is not an object")
    for name, value in body.items():
        if name not in _TYPES:
            raise refusals.invalid(f"{name} is not allowed")
        is_typed = isinstance(value, _TYPES[name]) and not isinstance(value, bool)
        if value is not None and not is_typed:
            raise refusals.invalid(f"{name} must be of type {_TYPES[name].__name__}")
    if not body.get("name", "" if is_new else "-"):
        raise refusals.invalid("name is required")
    for name in ("emails", "phones"):
        body |= {name: [_entry(name, each) for each in body[name] or []]} if name in body else {}
    for key, value in (body.get("custom_fields") or {}).items():
        _check_custom(key, value)
    return body


def _check_custom(key: str, value: Any) -> None:
    if key not in cast.CUSTOM_FIELDS:
        raise refusals.invalid(f"custom_fields has the unknown key {key}")
    _label, kind = cast.CUSTOM_FIELDS[key]
    wanted = str if kind == "varchar" else int | float
    is_typed = isinstance(value, wanted) and not isinstance(value, bool)
    if value is not None and not is_typed:
        raise refusals.invalid(f"custom_fields.{key} is of another type than {kind}")


def _entry(name: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
        raise refusals.invalid(f"{name}.value must be of type string")
    if not isinstance(entry.get("primary", False), bool):
        raise refusals.invalid(f"{name}.primary must be of type boolean")
    if name == "emails" and "@" not in entry["value"]:
        raise refusals.invalid("emails.value must be a valid email")
    return {
        "value": entry["value"],
        "primary": entry.get("primary", False),
        "label": entry.get("label", "work"),
    }
