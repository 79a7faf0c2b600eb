"""Tags, blacklisted addresses and blacklisted domains of a workspace."""

import csv
import re
from typing import Final

from sandbox.vendors.email_bison import refusals
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import stamp
from sandbox.vendors.frame import Reply

_FIELDS: Final = {"emails": "email", "domains": "domain"}
_SHAPES: Final = {
    "emails": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "domains": re.compile(r"[^@\s/]+\.[^@\s/]+"),
}


# --- Tags -----------------------------------------------------------------------------------------
@route("GET", "/tags")
def tags(call: Call) -> Reply:
    return call.page(call.contents.tags.all())


@route("POST", "/tags")
def create_tag(call: Call) -> Reply:
    body = call.body()
    refusals.required(body, "name")
    now = stamp(call.now)
    row = {
        "id": call.instance.next(),
        "name": str(body["name"]),
        "default": bool(body.get("default")),
    }
    made = call.contents.tags.add(row | {"created_at": now, "updated_at": now})
    return Reply(201, {"data": made})


@route("GET", "/tags/{number}")
def tag(call: Call, number: str) -> Reply:
    """Refuse, as the vendor wrongly does, unless the switch says otherwise."""
    if call.switched["tags_forbidden"]:
        raise refusals.forbidden()
    return Reply(200, {"data": call.row("tags", number)})


@route("DELETE", "/tags/{number}")
def delete_tag(call: Call, number: str) -> Reply:
    row = call.row("tags", number)
    call.contents.tags.remove(row["id"], call.queued())
    return Reply(
        200, {"data": {"success": True, "message": f"{row['name']} was successfully removed"}}
    )


# --- Blacklists -----------------------------------------------------------------------------------
@route("GET", "/blacklisted-{kind}")
def listed(call: Call, kind: str) -> Reply:
    return call.page(call.table(_known(call, kind)).all())


@route("POST", "/blacklisted-{kind}")
def create(call: Call, kind: str) -> Reply:
    field, body = _FIELDS[_known(call, kind)], call.body()
    refusals.required(body, field)
    value = str(body[field])
    if not _SHAPES[kind].fullmatch(value):
        raise refusals.invalid(**{field: f"The {field} field must be a valid {field}."})
    if value in _values(call, kind):
        raise refusals.invalid(**{field: f"The {field} has already been taken."})
    return Reply(201, {"data": blacklist(call, kind, value)})


@route("POST", "/blacklisted-{kind}/bulk")
def create_many(call: Call, kind: str) -> Reply:
    """Read a CSV file of a form; what is listed already or has another shape is passed over."""
    lines = _file(call)
    wanted = dict.fromkeys(line[0].strip() for line in csv.reader(lines) if line)
    existing = _values(call, _known(call, kind))
    new = [value for value in wanted if _SHAPES[kind].fullmatch(value) and value not in existing]
    return Reply(201, {"data": [blacklist(call, kind, value) for value in new]})


@route("GET", "/blacklisted-{kind}/{number}")
def details(call: Call, kind: str, number: str) -> Reply:
    return Reply(200, {"data": call.row(_known(call, kind), number)})


@route("DELETE", "/blacklisted-{kind}/{number}")
def delete(call: Call, kind: str, number: str) -> Reply:
    row = call.row(_known(call, kind), number)
    call.table(kind).remove(row["id"], call.queued())
    message = f"Successfully removed blacklisted {_FIELDS[kind]}"
    return Reply(200, {"data": {"success": True, "message": message}})


def blacklist(call: Call, kind: str, value: str) -> Row:
    now = stamp(call.now)
    row = {"id": call.instance.next(), _FIELDS[kind]: value, "created_at": now, "updated_at": now}
    return call.table(kind).add(row)


def _known(call: Call, kind: str) -> str:
    if kind not in _FIELDS:
        raise refusals.no_route(f"api{call.path}")
    return kind


def _values(call: Call, kind: str) -> set[str]:
    return {row[_FIELDS[kind]] for row in call.table(kind).all()}


def _file(call: Call) -> list[str]:
    """Return the lines of the form's field `csv`; Stop with 422 where there is none."""
    found = re.search(
        rb'name="csv"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n--', call.request.body, re.DOTALL
    )
    if found is None:
        raise refusals.invalid(csv="The csv field is required.")
    return found.group(1).decode(errors="replace").splitlines()
