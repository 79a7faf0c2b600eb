"""Every way to say no: the data API answers with a list of errors, OAuth with an object."""

from collections.abc import Sequence
from typing import Any

from sandbox.vendors.frame import Reply, Stop


def refused(status: int, code: str, message: str, fields: Sequence[str] | None = None) -> Stop:
    """Refuse as the data API does."""
    return Stop(Reply(status, [error(code, message, fields)]))


def error(code: str, message: str, fields: Sequence[str] | None = None) -> dict[str, Any]:
    """Return one error of the list; most have no fields."""
    found: dict[str, Any] = {"message": message, "errorCode": code}
    if fields is not None:
        found["fields"] = list(fields)
    return found


def row_error(code: str, message: str, fields: Sequence[str] = ()) -> dict[str, Any]:
    """Return what stands in the place of a row that a batch could not write."""
    return {
        "success": False,
        "errors": [{"statusCode": code, "message": message, "fields": list(fields)}],
    }


def no_session() -> Stop:
    return refused(401, "INVALID_SESSION_ID", "Session expired or invalid")


def not_found(what: str = "The requested resource does not exist") -> Stop:
    return refused(404, "NOT_FOUND", what)


def malformed(query: str) -> Stop:
    return refused(
        400, "MALFORMED_QUERY", f"\n{query[:80]}\n^\nERROR at Row:1:Column:1\nunexpected token"
    )


def no_field(name: str, name_of_object: str) -> Stop:
    message = (
        f"\nERROR at Row:1:Column:8\nNo such column '{name}' on entity '{name_of_object}'. If you "
        "are attempting to use a custom field, be sure to append the '__c' after the custom "
        "field name."
    )
    return refused(400, "INVALID_FIELD", message)
