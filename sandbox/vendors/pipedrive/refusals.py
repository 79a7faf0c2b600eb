"""Every way in which Pipedrive says no: version 1 and version 2 have each a shape of their own."""

from typing import Any

from sandbox.vendors.frame import Reply, Stop

BLOCKED = (
    b"<!DOCTYPE html><html><head><title>Access denied | api.pipedrive.com used Cloudflare to "
    b"restrict access</title></head><body><h1>Error 1015</h1><p>You are being rate "
    b"limited</p></body></html>"
)


def refuse(status: int, error: str, *, code: str = "", info: str = "") -> Stop:
    """Return a refusal of version 2, to be raised."""
    body: dict[str, Any] = {"success": False, "error": error, "data": None}
    if code:
        body["code"] = code
    if info:
        body["error_info"] = info
    return Stop(Reply(status, body))


def refuse_1(status: int, error: str) -> Stop:
    """Return a refusal of version 1."""
    info = "Please check developers.pipedrive.com"
    body = {"success": False, "error": error, "errorCode": status, "error_info": info, "data": None}
    return Stop(Reply(status, body))


def invalid(words: str) -> Stop:
    return refuse(400, f"Parameter validation failed: {words}", code="ERR_SCHEMA_VALIDATION_FAILED")


def unauthorized() -> Stop:
    return refuse_1(401, "unauthorized access")


def out_of_scope() -> Stop:
    return refuse_1(403, "Scope and URL mismatch")


def not_found(what: str) -> Stop:
    return refuse(404, f"{what} not found.", code="ERR_NOT_FOUND")


def limited() -> dict[str, Any]:
    return {"success": False, "error": "request over limit", "errorCode": 429, "data": None}


def blocked() -> Stop:
    """Return the page that a key gets which asked too much for too long."""
    return Stop(Reply(403, BLOCKED, {"Content-Type": "text/html; charset=UTF-8"}))
