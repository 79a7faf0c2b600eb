"""How a call says who it is: an auth adds its secret to the request.

`spellings()` knows every form that the secret could come back in, so that the log can be cleaned of them.
"""

import base64
import html
import json
import re
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote, quote_plus

from core.masking import Secret

_ESCAPE: Final = re.compile("%[0-9A-F]{2}")


@dataclass
class Outgoing:
    """A request being put together."""

    path: str
    params: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


class Auth(Protocol):
    """Adds the secret to a request."""

    @property
    def secret(self) -> Secret: ...

    def apply(self, request: Outgoing) -> None: ...


@dataclass(frozen=True)
class HeaderKey:
    """`X-Api-Key: <secret>`."""

    name: str
    secret: Secret

    def apply(self, request: Outgoing) -> None:
        request.headers[self.name] = self.secret.reveal()


@dataclass(frozen=True)
class BearerKey:
    """`Authorization: Bearer <secret>`."""

    secret: Secret
    scheme: str = "Bearer"

    def apply(self, request: Outgoing) -> None:
        request.headers["Authorization"] = f"{self.scheme} {self.secret.reveal()}"


@dataclass(frozen=True)
class BasicKey:
    """`Authorization: Basic base64(user:secret)`."""

    user: str
    secret: Secret

    def apply(self, request: Outgoing) -> None:
        request.headers["Authorization"] = f"Basic {_basic(self)}"


@dataclass(frozen=True)
class QueryKey:
    """`?name=<secret>`, for vendors that take it no other way."""

    name: str
    secret: Secret

    def apply(self, request: Outgoing) -> None:
        request.params.append((self.name, self.secret.reveal()))


@dataclass(frozen=True)
class PathKey:
    """The path itself is the secret, as in a Slack webhook's address: it is put before the call's own path."""

    secret: Secret

    def apply(self, request: Outgoing) -> None:
        request.path = "/" + self.secret.reveal().lstrip("/") + request.path


def is_usable(secret: str) -> bool:
    """Whether a key can be sent at all: visible ASCII, so that it can neither break a header nor fail in one."""
    return bool(secret) and all("!" <= character <= "~" for character in secret)


def spellings(auth: Auth) -> list[str]:
    """Every form in which the secret could come back in a text, longest first."""
    plain = auth.secret.reveal()
    quoted = {quote(plain, safe=""), quote(plain), quote_plus(plain)}
    quoted |= {_ESCAPE.sub(lambda escape: escape[0].lower(), form) for form in quoted}
    dumped = json.dumps(plain)[1:-1]
    # PHP's JSON has \\/ for a slash.
    forms = {plain, dumped, dumped.replace("/", "\\/"), html.escape(plain), *quoted}
    forms.add(base64.b64encode(plain.encode()).decode())
    if isinstance(auth, BasicKey):
        forms.add(_basic(auth))
    return sorted((form for form in forms if form), key=len, reverse=True)


def _basic(auth: BasicKey) -> str:
    return base64.b64encode(f"{auth.user}:{auth.secret.reveal()}".encode()).decode()
