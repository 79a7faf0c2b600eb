"""Every way to say no: one error for a call, or one for each row of a write."""

from typing import Any

from sandbox.vendors.frame import Reply, Stop


def refused(status: int, code: str, message: str, **details: Any) -> Stop:
    """Refuse a call."""
    return Stop(Reply(status, body(code, message, **details)))


def body(code: str, message: str, **details: Any) -> dict[str, Any]:
    """Return what stands in the body of a refusal, or in the place of a row."""
    return {"code": code, "details": details, "message": message, "status": "error"}


def invalid_token() -> Stop:
    return refused(401, "INVALID_TOKEN", "invalid oauth token")


def scope_mismatch() -> Stop:
    return refused(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")


def no_permission(permission: str) -> Stop:
    return refused(403, "NO_PERMISSION", "permission denied", permissions=[permission])


def no_such_url() -> Stop:
    message = "Please check if the URL trying to access is a correct one"
    return refused(404, "INVALID_URL_PATTERN", message)


def missing(name: str) -> Stop:
    return refused(
        400,
        "REQUIRED_PARAM_MISSING",
        f"One of the expected parameter is missing: {name}",
        param_name=name,
    )


def invalid(name: str, message: str = "invalid data") -> Stop:
    return refused(400, "INVALID_DATA", message, param_name=name)
