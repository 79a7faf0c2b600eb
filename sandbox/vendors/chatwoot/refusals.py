"""The bodies of refusals: `error`, `errors`, `message` with `attributes`, and plain text,
mixed as the vendor does.
"""

from sandbox.vendors.frame import Reply, Stop

SIGN_IN = "You need to sign in or sign up before continuing."
LICENSES = "Account limit exceeded. Please purchase more licenses"
HIGHER_PLAN = "Account limit exceeded. Upgrade to a higher plan"


def sign_in() -> Stop:
    return Stop(Reply(401, {"errors": [SIGN_IN]}))


def refused(status: int, error: str) -> Stop:
    return Stop(Reply(status, {"error": error}))


def role_too_low() -> Stop:
    return refused(401, "You are not authorized to do this action")


def missing() -> Stop:
    return refused(404, "Resource could not be found")


def param_missing(name: str) -> Stop:
    return refused(422, f"param is missing or the value is empty: {name}")


def invalid(messages: dict[str, str]) -> Stop:
    """Return the refusal of a model's validation: messages by their attribute."""
    return Stop(Reply(422, {"message": ", ".join(messages.values()), "attributes": list(messages)}))


def broken() -> Stop:
    """Return what an error that nobody rescued answers."""
    return Stop(Reply(500, {"status": 500, "error": "Internal Server Error"}))


def throttled() -> Reply:
    return Reply(429, b"Retry later\n", {"Content-Type": "text/plain"})
