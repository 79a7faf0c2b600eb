"""How a call says who it is: an auth adds its secret to the request, and some can be renewed.

`spellings()` knows every form that the secret could come back in,
so that the log can be cleaned of them.
"""

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable
from urllib.parse import quote, quote_plus

from core.http.call_log import SECRET_NAME
from core.masking import Secret

_ESCAPE: Final = re.compile("%[0-9A-F]{2}")
# Of a body: how deep secrets are looked for, and from what length on a value is one and not
# a word or a number.
_DEEPEST: Final = 6
_SHORTEST: Final = 6
# A path that is a secret may come back in pieces: those of this length and more are cut out too.
_PARTS: Final = re.compile(r"[/?&=]")
_TELLING: Final = 8
# What says where a request goes and where it ends. Connections are shared: with one of these as the
# name of a key, the next call on the connection, which may be another organization's, would be read
# as a part of this one.
FRAMING: Final = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "content-type",
        "expect", "host", "http2-settings", "keep-alive", "proxy-authorization", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


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


@runtime_checkable
class Renewable(Protocol):
    """An auth that may be had anew when the vendor refuses it, as an access token is."""

    def renew(self) -> Auth | None:
        """Return what the call is repeated with; None where there is nothing better than this.

        Many ask at once, from many processes. So lock the row that the token is kept in,
        give what stands there if it is another than this already, and only else ask the vendor.
        """


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
    """The path itself is the secret, as in a Slack webhook's address:
    it is put before the call's own path.
    """

    secret: Secret

    def apply(self, request: Outgoing) -> None:
        request.path = "/" + self.secret.reveal().lstrip("/") + request.path


def is_usable(secret: str) -> bool:
    """Tell whether a key can be sent at all: visible ASCII, so that it can neither break a header
    nor fail in one.
    """
    return bool(secret) and all("!" <= character <= "~" for character in secret)


def frames(name: str) -> bool:
    """Tell whether a header of this name is the connection's business and never a key's."""
    return name.strip().lower() in FRAMING


def can_be_sent(auth: Auth) -> bool:
    """Tell whether a call can carry this key.

    Basic encodes it, so a passphrase may have spaces and any letters.
    """
    key = auth.secret.reveal()
    if isinstance(auth, HeaderKey) and frames(auth.name):
        return False
    if isinstance(auth, BasicKey):
        return bool(key) and not any(
            unicodedata.category(character) in {"Cc", "Cs"} for character in key
        )
    return is_usable(key)


def spellings(auth: Auth) -> list[str]:
    """Return every form in which the secret could come back in a text, longest first."""
    forms = _forms(auth.secret.reveal())
    if isinstance(auth, PathKey):
        forms |= {
            form
            for part in _PARTS.split(auth.secret.reveal())
            if len(part) >= _TELLING
            for form in _forms(part)
        }
    if isinstance(auth, BasicKey):
        forms.add(_basic(auth))
    return sorted((form for form in forms if form), key=len, reverse=True)


def secrets_in(body: Any) -> list[str]:
    """Return the same for what a body carries under the name of a secret:
    a password to set, a grant to trade in.
    """
    forms = {form for value in _named_like_secrets(body) for form in _forms(value)}
    return sorted(forms, key=len, reverse=True)


def _named_like_secrets(body: Any, name: str = "", depth: int = 0) -> Iterator[str]:
    if isinstance(body, Mapping) and depth < _DEEPEST:
        for inner, value in body.items():
            yield from _named_like_secrets(value, str(inner), depth + 1)
    elif isinstance(body, list | tuple) and depth < _DEEPEST:
        for value in body:
            yield from _named_like_secrets(value, name, depth + 1)
    elif isinstance(body, str) and len(body) >= _SHORTEST and SECRET_NAME.search(name):
        yield body


def _forms(plain: str) -> set[str]:
    quoted = {
        quote(plain, safe="", errors="replace"),
        quote(plain, errors="replace"),
        quote_plus(plain, errors="replace"),
    }
    quoted |= {_ESCAPE.sub(lambda escape: escape[0].lower(), form) for form in quoted}
    dumped = json.dumps(plain)[1:-1]
    # PHP's JSON has \\/ for a slash.
    forms = {plain, dumped, dumped.replace("/", "\\/"), html.escape(plain), *quoted}
    forms.add(base64.b64encode(plain.encode("utf-8", "surrogatepass")).decode())
    return forms


def _basic(auth: BasicKey) -> str:
    return base64.b64encode(f"{auth.user}:{auth.secret.reveal()}".encode()).decode()
