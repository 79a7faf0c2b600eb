"""Contacts by themselves and in lists: answers of the calls that are no search and no batch."""

from bisect import bisect_left
from typing import Any, Final

from sandbox.vendors.frame import Reply, Request, page
from sandbox.vendors.hubspot import cast, portals, refusals
from sandbox.vendors.hubspot.portals import Contact, Portal

MOST: Final = 100


def details(key: cast.Key, version: str) -> Reply:
    """Answer whose the account is; its name only where the version has it."""
    body: dict[str, Any] = {
        "portalId": key.portal,
        "accountType": "STANDARD",
        "timeZone": "Europe/Brussels",
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "uiDomain": "app-eu1.hubspot.com",
        "dataHostingLocation": "eu1",
    }
    if version == "2026-09":
        body |= {"portalName": cast.PORTALS[key.portal], "createdAt": "2024-02-01T09:00:00Z"}
    return Reply(200, body)


def properties() -> Reply:
    """Answer what can be kept of a contact."""
    both = {**portals.PROPERTIES, **portals.READ_ONLY}
    rows = [
        {
            "name": name,
            "label": label,
            "type": "string",
            "fieldType": "text",
            "groupName": "contactinformation",
            "hubspotDefined": name not in portals.CUSTOM,
            "calculated": False,
            "hidden": False,
            "archived": False,
            "modificationMetadata": {"readOnlyValue": name in portals.READ_ONLY},
        }
        for name, label in both.items()
    ]
    return Reply(200, {"results": rows})


def listing(portal: Portal, request: Request) -> Reply:
    """Answer a page; the cursor is the id that the next begins at."""
    limit, after = request.argument("limit", "10"), request.argument("after", "0")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise refusals.invalid(f"limit must be between 1 and {MOST}")
    if not after.isdecimal():
        raise refusals.invalid("after is not valid")
    rows = portal.listed(archived=request.argument("archived") == "true")
    start = bisect_left(rows, int(after), key=lambda contact: contact.id)
    found = page(rows, start, int(limit), request)
    body: dict[str, Any] = {"results": [contact.as_json(wanted(request)) for contact in found.rows]}
    if found.following is not None:
        following = str(rows[found.following].id)
        link = f"https://api.hubapi.com{request.path}?after={following}"
        body["paging"] = {"next": {"after": following, "link": link}}
    return Reply(200, body)


def wanted(request: Request) -> list[str]:
    """Return the properties that a call names."""
    return [name for name in request.argument("properties").split(",") if name]


def named(portal: Portal, request: Request, name: str) -> Contact:
    """Return the contact of an id, or of an address where the call says so."""
    by_email = request.argument("idProperty") == "email"
    found = portal.by_address(name) if by_email else portal.get(name)
    if found is None:
        raise refusals.not_found(name)
    return found


def written(request: Request) -> dict[str, Any]:
    """Return the properties that a body has."""
    body = request.json()
    if not isinstance(body, dict) or not isinstance(body.get("properties"), dict):
        raise refusals.invalid("Invalid input JSON: properties are required")
    found: dict[str, Any] = body["properties"]
    return found
