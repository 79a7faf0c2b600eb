"""Every way to say no, in the shapes that the vendor mixes."""

from typing import Any, Final

from sandbox.vendors.frame import Reply, Stop

NOT_THE_WORKSPACE: Final = (
    "This action is unauthorized. The api key does not match the workspace the record is on."
)
_HTML: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Server Error</title></head><body><div>500 | "
    b"Server Error</div></body></html>"
)


def wrapped(status: int, message: str, **more: Any) -> Stop:
    """Refuse as the vendor's own code does, inside of `data`."""
    return Stop(Reply(status, {"data": {"success": False, "message": message, **more}}))


def unauthenticated() -> Stop:
    return Stop(Reply(401, {"message": "Unauthenticated."}))


def sign_in(address: str) -> Stop:
    html = {"Content-Type": "text/html; charset=UTF-8", "Location": f"{address}/login"}
    return Stop(Reply(302, b"<!DOCTYPE html><title>Redirecting</title>", html))


def forbidden() -> Stop:
    return wrapped(403, NOT_THE_WORKSPACE)


def missing(kind: str = "", number: object = "") -> Stop:
    """Refuse a row that is not there; without a kind, a route that is none."""
    if not kind:
        return wrapped(404, "The route could not be found.", record_not_found=None)
    found = {kind: f"The {kind} with id {number} was not found."}
    return wrapped(404, "Record not found.", record_not_found=found)


def no_route(path: str) -> Stop:
    message = f"The route {path.strip('/')} could not be found."
    return wrapped(404, message, record_not_found=None)


def wrong_method(method: str, path: str, supported: list[str]) -> Stop:
    names = ", ".join(supported)
    message = (
        f"The {method} method is not supported for route {path.strip('/')}. Supported "
        f"methods: {names}."
    )
    return Stop(Reply(405, {"message": message}, {"Allow": names}))


def invalid(**errors: str) -> Stop:
    """Refuse a body as Laravel's validation does: nothing is wrapped."""
    first = next(iter(errors.values()))
    rest = len(errors) - 1
    plural = "s" if rest > 1 else ""
    more = f" (and {rest} more error{plural})" if rest else ""
    body = {"message": f"{first}{more}", "errors": {name: [text] for name, text in errors.items()}}
    return Stop(Reply(422, body))


def required(body: Any, *names: str) -> None:
    """Stop with 422 for the fields that are not in a body."""
    lacking = [
        name for name in names if not isinstance(body, dict) or body.get(name) in (None, "", [])
    ]
    if lacking:
        raise invalid(
            **{name: f"The {name.replace('_', ' ')} field is required." for name in lacking}
        )


def web_page() -> Stop:
    return Stop(Reply(500, _HTML, {"Content-Type": "text/html; charset=UTF-8"}))
