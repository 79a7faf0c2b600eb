"""The calls to a vendor's OAuth addresses: Authlib speaks, our door sends,
and each refusal is sorted by what to do.

Nothing is sent twice by this file, and no answer of a token address is ever written down.
"""

import base64
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import CallContext, Limits
from core.http.sessions import Door, through_the_door
from core.masking import Secret
from integrations.oauth import tokens
from integrations.oauth.declaring import OAuth
from integrations.oauth.problems import PROBLEMS, ClientRefused, GrantGone, Problem
from integrations.oauth.tokens import Tokens
from integrations.providers.base import Provider

# One attempt each: what was sent may have been done, and the caller decides what follows. Vendors
# take up to half a minute to answer; whoever gives up before loses the refresh token that the
# answer would have brought.
LIMITS: Final = Limits(connect=5, read=40, total=45, attempts=1, body=256 * 1024)
PKCE: Final = "S256"
_NO_METHOD: Final = "none"


@dataclass(frozen=True)
class Speaker:
    """On whose behalf a vendor's OAuth is spoken to."""

    provider: Provider
    oauth: OAuth
    organization_id: UUID | None
    integration_id: UUID | None = None

    @property
    def vendor(self) -> str:
        return self.provider.vendor.key

    @property
    def account(self) -> str:
        """What the log of calls names the account by."""
        return str(self.integration_id or "oauth")

    def context(self, function_name: str) -> CallContext:
        """Return on whose behalf a call is made."""
        return CallContext(
            organization_id=self.organization_id,
            integration_id=self.integration_id,
            function_name=function_name,
        )


def is_set_up(provider: Provider) -> bool:
    """Tell whether this installation has a client at the vendor."""
    return all(_client(provider))


def is_the_vendor(provider: Provider, header: str) -> bool:
    """Tell whether an Authorization header has this installation's own client
    id and secret at the vendor.
    """
    known = ":".join(_client(provider))
    proof = base64.b64encode(known.encode("utf-8", "surrogatepass")).decode()
    scheme, _space, given = header.partition(" ")
    is_right = hmac.compare_digest(given.strip().encode("utf-8", "surrogatepass"), proof.encode())
    return scheme.lower() == "basic" and is_set_up(provider) and is_right


def authorization(
    speaker: Speaker, address: str, redirect_uri: str, state: str, verifier: str
) -> str:
    """Return the address that a person's browser is sent to."""
    session = _session(speaker, "oauth.start", redirect_uri)
    wishes: dict[str, Any] = dict(speaker.oauth.parameters)
    if speaker.oauth.scopes:
        wishes["scope"] = speaker.oauth.scope
    url, _state = session.create_authorization_url(address, state, verifier, **wishes)
    return str(url)


def exchange(
    speaker: Speaker, address: str, redirect_uri: str, code: str, verifier: Secret
) -> Tokens:
    """Trade a code for tokens."""
    session = _session(speaker, "oauth.exchange", redirect_uri)
    proof = {}
    if speaker.oauth.pkce:
        proof["code_verifier"] = verifier.reveal()
    return _asked(
        speaker,
        lambda: session.fetch_token(address, grant_type="authorization_code", code=code, **proof),
    )


def renew(speaker: Speaker, address: str, refresh: Secret) -> Tokens:
    """Trade a refresh token for new tokens; GrantGone where the vendor takes it no longer."""
    session = _session(speaker, "oauth.refresh")
    return _asked(
        speaker, lambda: session.refresh_token(address, refresh.reveal()), is_renewal=True
    )


def revoke(speaker: Speaker, address: str, token: Secret, kind: str) -> None:
    """Take a token back. That the vendor does not know it any more is as good;
    a web page is no answer.
    """
    session = _session(speaker, "oauth.revoke")
    hint = {}
    if speaker.oauth.revokes_as_client:
        hint["token_type_hint"] = kind
    answer = session.revoke_token(address, token.reveal(), **hint)
    if answer.status_code in (401, 403):
        raise Rejected(speaker.vendor, status=answer.status_code)
    try:
        if answer.content:
            answer.json()
    except ValueError:
        raise Temporary(speaker.vendor, UNREADABLE, status=answer.status_code) from None


def _client(provider: Provider) -> tuple[str, str]:
    name = provider.key
    return os.environ.get(f"{name}_CLIENT_ID", ""), os.environ.get(f"{name}_CLIENT_SECRET", "")


def _session(
    speaker: Speaker, function_name: str, redirect_uri: str | None = None
) -> OAuth2Session:
    oauth = speaker.oauth
    client_id, client_secret = _client(speaker.provider)
    if not client_id or not client_secret:
        raise ClientRefused(speaker.vendor, PROBLEMS["not_set_up"])
    revocation = _NO_METHOD
    if oauth.revokes_as_client:
        revocation = oauth.client_auth
    challenge = None
    if oauth.pkce:
        challenge = PKCE
    session = OAuth2Session(
        client_id,
        client_secret,
        token_endpoint_auth_method=oauth.client_auth,
        revocation_endpoint_auth_method=revocation,
        redirect_uri=redirect_uri,
        code_challenge_method=challenge,
    )
    door = Door(
        speaker.vendor, speaker.account, context=speaker.context(function_name), limits=LIMITS
    )
    return through_the_door(session, door)


def _asked(speaker: Speaker, ask: Callable[[], Any], *, is_renewal: bool = False) -> Tokens:
    """Return what a token address gave, or raise what its refusal means:
    Temporary has a status where there was one.

    The errors do not carry those that they come from: their texts may have words of the answer.
    """
    try:
        answer = ask()
    except OAuthError as error:
        failure = _meaning(speaker, str(error.error), is_renewal=is_renewal)
    except OSError as error:
        # A gateway's refusal: it does not speak of the grant.
        response = getattr(error, "response", None)
        failure = Temporary(
            speaker.vendor, UNREADABLE, status=getattr(response, "status_code", None)
        )
    except (ValueError, TypeError, KeyError):
        # Broken off, a web page: without a status, as nobody knows what was done.
        failure = Temporary(speaker.vendor, UNREADABLE)
    else:
        return tokens.read(speaker.vendor, speaker.oauth, answer)
    raise failure


def _meaning(speaker: Speaker, error: str, *, is_renewal: bool) -> Exception:
    if error.startswith("invalid_client"):
        return ClientRefused(speaker.vendor)
    if error in speaker.oauth.gone and is_renewal:
        return GrantGone(speaker.vendor)
    if error in speaker.oauth.gone:
        return Problem("failed")
    return Temporary(speaker.vendor, status=400)
