"""OAuth 2 with a client's own credentials: a token is asked for when there is none that lasts,
and after a 401.

Tokens stay in the memory of a process, and are never stored: another process asks for its own.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from core.errors import BadCredentials
from core.http import Answer, Auth, BasicKey, BearerKey, CallContext, Client
from core.http.auth import Outgoing, is_usable
from core.masking import Secret
from integrations.providers.freeform.refusals import NO_TOKEN

REFUSED: Final = (400, 401, 403)
# A token is not used in its last seconds; one that says nothing of its end is asked for anew
# after some minutes.
EARLY: Final = 30
USUAL: Final = 300
LONGEST: Final = 3600
_MOST: Final = 1000


@dataclass(frozen=True)
class Grant:
    """Where a client asks for its token, and with what. `account` stands for all of its values."""

    vendor: str
    account: str
    address: str
    client_id: str
    client_secret: Secret
    scope: str
    context: CallContext

    def ask(self) -> "Kept":
        """Return a new token; VendorError where there is none."""
        answer = self._ask(in_header=True)
        if answer.status in REFUSED:
            # Some services take them in the body alone.
            answer = self._ask(in_header=False)
        found = answer.json()
        token = found.get("access_token") if isinstance(found, dict) else None
        if answer.status in REFUSED or not isinstance(token, str) or not is_usable(token):
            raise BadCredentials(self.vendor, NO_TOKEN, status=answer.status)
        return Kept(Secret(token), time.monotonic() + _seconds(found.get("expires_in")) - EARLY)

    def _ask(self, *, in_header: bool) -> Answer:
        auth: Auth | None = None
        body = {"grant_type": "client_credentials"}
        if self.scope:
            body["scope"] = self.scope
        if in_header:
            auth = BasicKey(self.client_id, self.client_secret)
        else:
            body |= {"client_id": self.client_id, "client_secret": self.client_secret.reveal()}
        client = Client(self.vendor, self.account[:24], self.address, auth, context=self.context)
        return client.post("", data=body, ok={200, 201, *REFUSED}, idempotent=True)


def _seconds(lasts: Any) -> int:
    """Return how long a token is taken to last."""
    text = str(lasts)[:20] if isinstance(lasts, int | float | str) else ""
    if not (text.isascii() and text.isdecimal()):
        return USUAL
    return min(int(text), LONGEST)


@dataclass(frozen=True)
class Kept:
    """A token, and until when (time.monotonic()) it is used."""

    token: Secret
    ends: float


@dataclass(frozen=True)
class TokenKey:
    """`Authorization: Bearer <token>`, asked for anew when it is refused."""

    secret: Secret
    grant: Grant = field(repr=False)

    def apply(self, request: Outgoing) -> None:
        BearerKey(self.secret).apply(request)

    def renew(self) -> "TokenKey | None":
        """Return another token: another thread's, where it has asked already."""
        kept = _known.get(self.grant.account)
        if kept is None or kept.token == self.secret:
            kept = _asked(self.grant)
        return TokenKey(kept.token, self.grant)


def token_of(grant: Grant) -> TokenKey:
    """Return the token that this process has, else a new one."""
    kept = _known.get(grant.account)
    if kept is None or kept.ends < time.monotonic():
        kept = _asked(grant)
    return TokenKey(kept.token, grant)


def _asked(grant: Grant) -> Kept:
    kept = grant.ask()
    with _lock:
        if len(_known) >= _MOST:
            _known.clear()
        _known[grant.account] = kept
    return kept


def forget() -> None:
    """Let go of all tokens."""
    with _lock:
        _known.clear()


_known: dict[str, Kept] = {}
_lock: Any = threading.Lock()
