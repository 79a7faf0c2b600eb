"""Batches of up to a hundred: what some inputs are refused for stands beside what became
of the others (207).
"""

from collections.abc import Callable
from typing import Any, Final

from sandbox.vendors.frame import Reply, Request, Stop
from sandbox.vendors.hubspot import refusals
from sandbox.vendors.hubspot.portals import Contact, Portal, iso, now

MOST: Final = 100
Row = dict[str, Any]


def read(portal: Portal, request: Request) -> Reply:
    """Answer the contacts of these ids or addresses; those that there are not are errors."""
    wish = _wish(request)
    by_email = wish.get("idProperty") == "email"
    wanted = [str(name) for name in wish.get("properties") or []]
    found: dict[int, Row] = {}
    missing = []
    for row in wish["inputs"]:
        contact = portal.by_address(row["id"]) if by_email else portal.get(row["id"])
        if contact is None:
            missing.append(row["id"])
        else:
            found[contact.id] = contact.as_json(wanted)
    errors = []
    if missing:
        message = (
            "Could not get some CONTACT objects, they may be deleted or not exist. Check that "
            "ids are valid."
        )
        errors.append(
            refusals.body(
                "OBJECT_NOT_FOUND", message, context={"ids": missing}, errors=[], links={}
            )
        )
    return _reply(list(found.values()), errors)


def create(portal: Portal, request: Request) -> Reply:
    def act(row: Row) -> Row:
        return portal.create(row.get("properties") or {}).as_json([])

    return _each(_wish(request)["inputs"], act, status=201)


def update(portal: Portal, request: Request) -> Reply:
    """Change contacts by their ids; an id of before a merge leads to the contact that is left."""

    def act(row: Row) -> Row:
        contact = portal.get(str(row.get("id", "")))
        if contact is None:
            raise refusals.refuse(
                404, "OBJECT_NOT_FOUND", "Object not found.", context={"ids": [row.get("id")]}
            )
        return portal.update(contact, row.get("properties") or {}).as_json([])

    return _each(_wish(request)["inputs"], act)


def upsert(portal: Portal, request: Request) -> Reply:
    """Create or change by address.

    Of an existing contact all that is not named is emptied: there are no partial upserts by e-mail.
    """
    rows = _wish(request)["inputs"]
    names = [str(row.get("id", "")).lower() for row in rows]
    if len(set(names)) < len(names):
        raise refusals.invalid("Duplicate IDs found in batch input")
    if any(row.get("idProperty") != "email" for row in rows):
        raise refusals.invalid("idProperty is not a unique property")

    def act(row: Row) -> Row:
        wished = {"email": row["id"], **(row.get("properties") or {})}
        contact = portal.by_address(row["id"])
        if contact is None:
            return portal.create(wished).as_json([], new=True)
        return _replaced(portal, contact, wished).as_json([], new=False)

    return _each(rows, act)


def forget(reply: Reply, addresses: list[str]) -> None:
    """Leave out of an answer what it says of these: some answers are not whole."""
    rows = reply.body["results"]
    reply.body["results"] = [row for row in rows if row["properties"].get("email") not in addresses]


def _replaced(portal: Portal, contact: Contact, wished: Row) -> Contact:
    if wished["email"].lower() != (contact.properties.get("email") or "").lower():
        # It was found by an address beside its first.
        wished = {**wished, "email": contact.properties["email"]}
    kept = {"hs_additional_emails", "lifecyclestage"}
    emptied = {name: "" for name in contact.properties if name not in kept}
    return portal.update(contact, {**emptied, **wished})


def _wish(request: Request) -> Row:
    wish = request.json()
    if not isinstance(wish, dict) or not isinstance(wish.get("inputs"), list):
        raise refusals.invalid("Invalid input JSON: inputs are required")
    if not 1 <= len(wish["inputs"]) <= MOST:
        raise refusals.invalid(f"The number of inputs must be at least 1 and at most {MOST}")
    return wish


def _each(rows: list[Row], act: Callable[[Row], Row], status: int = 200) -> Reply:
    """Do it for each. Without a trace id on all of them, the first refusal is the whole batch's."""
    traced = all(row.get("objectWriteTraceId") for row in rows)
    results, errors = [], []
    for row in rows:
        try:
            done = act(row)
        except Stop as stop:
            if not traced:
                raise
            errors.append(_error(stop, row))
            continue
        if trace := row.get("objectWriteTraceId"):
            done["objectWriteTraceId"] = trace
        results.append(done)
    return _reply(results, errors, status)


def _error(stop: Stop, row: Row) -> Row:
    found: Row = {"errors": [], "links": {}, **stop.reply.body}
    context = {**found.get("context", {}), "objectWriteTraceId": [row["objectWriteTraceId"]]}
    return {**found, "status": "error", "context": context}


def _reply(results: list[Row], errors: list[Row], status: int = 200) -> Reply:
    moment = iso(now())
    body: Row = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": moment,
        "completedAt": moment,
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Reply(207 if errors else status, body)
