"""What comes in, before anything is known to be true of it, and the ways to refuse it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.masking import Secret


class Refused(Exception):
    """The delivery is not taken: the HTTP status, a short stable text, what to do,
    and the reason to count it by.
    """

    def __init__(self, status: int, error: str, message: str, reason: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.message = message
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Arrival:
    """One POST as it came, whichever server took it. Header names are in lower case."""

    path: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    ip: str | None = None
    request_id: str = ""

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom one of our addresses belongs to, and the secrets under which they sign (several while
    one is replaced).
    """

    account: str = ""
    organization_id: UUID | None = None
    workspace_name: str = ""
    secrets: tuple[Secret, ...] = ()
    # LiveKit: the API key that the token must name as its issuer.
    issuer: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


# What an app's look-up may say: nothing is set up, a bare secret, or whom the address belongs to.
Answer = Secret | str | Sender | tuple[Sender, ...] | None
Lookup = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Verified:
    """Who sent it, and what stays of the proof: the vendor's delivery id and the signature
    as shown in the log.
    """

    sender: Sender
    delivery_id: str = ""
    signature: str = ""


def not_signed() -> Refused:
    """Return one answer for every way in which a proof can fail:
    a forger learns nothing from it.
    """
    return Refused(
        401, "Bad signature", "The signature is missing, wrong or too old.", "bad_signature"
    )


def not_known() -> Refused:
    return Refused(404, "Not found", "There is no such webhook address.", "unknown_address")


def not_configured() -> Refused:
    return Refused(
        503,
        "Not configured",
        "No secret is set for this address yet, so that no delivery can be proved.",
        "no_secret",
    )


def not_available(why: str = "unavailable") -> Refused:
    return Refused(
        503, "Try again", "The delivery could not be stored just now; send it again.", why
    )


def not_json(message: str = "The body is not a JSON object.") -> Refused:
    return Refused(400, "Malformed body", message, "malformed")


def too_large(limit: int) -> Refused:
    return Refused(
        413, "Body too large", f"A delivery may have {limit} bytes at most.", "too_large"
    )


def wrong_method() -> Refused:
    return Refused(405, "Method not allowed", "Webhooks are delivered by POST.", "wrong_method")


def too_slow() -> Refused:
    return Refused(
        408, "Body incomplete", "The body did not arrive in time; send it again.", "too_slow"
    )
