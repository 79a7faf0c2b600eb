"""Every way in which HubSpot says no."""

import uuid
from typing import Any

from sandbox.vendors.frame import Reply, Stop


def body(category: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the shape that all refusals have."""
    return {
        "status": "error",
        "message": message,
        "correlationId": str(uuid.uuid4()),
        "category": category,
        **more,
    }


def refuse(status: int, category: str, message: str, **more: Any) -> Stop:
    """Return the refusal, to be raised."""
    content = body(category, message, **more)
    return Stop(Reply(status, content, {"x-hubspot-correlation-id": content["correlationId"]}))


def invalid(message: str, **more: Any) -> Stop:
    return refuse(400, "VALIDATION_ERROR", message, **more)


def not_authenticated() -> Stop:
    return refuse(
        401, "INVALID_AUTHENTICATION", "Authentication credentials not found or not valid."
    )


def expired() -> Stop:
    return refuse(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired.")


def missing_scopes(scopes: list[str]) -> Stop:
    return refuse(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": scopes},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )


def not_found(name: str) -> Stop:
    return refuse(
        404, "OBJECT_NOT_FOUND", f"Object not found. objectId are usually numeric: {name}"
    )


def conflict(known: str) -> Stop:
    return refuse(409, "CONFLICT", f"Contact already exists. Existing ID: {known}")


def limited(policy: str) -> dict[str, Any]:
    """Return the body of a 429, which has a shape of its own."""
    return {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": str(uuid.uuid4()),
        "policyName": policy,
    }
