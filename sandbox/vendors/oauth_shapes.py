"""What is a vendor's own in its OAuth: addresses, lives, what its answers hold, how it refuses."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass
class Grant:
    """What a person consented to: one family of tokens."""

    who: str
    scope: str
    refresh: str
    dead: bool = False
    # Refresh tokens that were replaced: used again, they are refused.
    replaced: set[str] = field(default_factory=set)
    # Access tokens and when each ends.
    tokens: dict[str, float] = field(default_factory=dict)
    renewals: int = 0
    # How often a replaced refresh token was offered.
    reuses: int = 0

    def as_json(self) -> dict[str, Any]:
        shown = ("who", "scope", "refresh", "dead", "renewals", "reuses")
        return {name: getattr(self, name) for name in shown} | {"tokens": list(self.tokens)}


def _nothing(_base: str, _grant: Grant) -> dict[str, Any]:
    return {}


def _as_ever(_base: str) -> dict[str, str]:
    return {}


def _by_the_book(error: str, words: str) -> dict[str, Any]:
    return {"error": error, "error_description": words}


@dataclass(frozen=True)
class Shape:
    """Be one vendor's. Paths are those below its name; functions get the address
    it is called by.
    """

    authorize: str
    token: str
    revoke: str
    basic: bool = False
    pkce: bool = True  # whether a challenge is taken; then its verifier is asked for
    code_life: float = 600
    token_life: int = 3600
    says_life: bool = True  # Salesforce does not
    repeats_refresh: bool = True  # whether a renewal names the refresh token that stays
    # Without these parameters no refresh token is given.
    offline: Mapping[str, str] = field(default_factory=dict)
    gone: str = "invalid_grant"  # the word for a grant that is gone
    denied: str = "access_denied"  # the word for a person who said no
    status: int = 400  # of a refusal
    revokes_for_client: bool = False  # whether only the client may take a grant back
    cascades: bool = True  # whether access tokens die with their refresh token
    revoked: Any = None  # the body when a token was taken back
    # What a token answer holds beyond the usual, and the way back beside code and state.
    facts: Callable[[str, Grant], dict[str, Any]] = _nothing
    way_back: Callable[[str], dict[str, str]] = _as_ever
    refusal: Callable[[str, str], dict[str, Any]] = _by_the_book


def _salesforce(base: str, grant: Grant) -> dict[str, Any]:
    return {
        "instance_url": base,
        "id": f"{base}/id/00Dkoppel/{grant.who}",
        "issued_at": str(round(time.time() * 1000)),
        "signature": "bm8gc2lnbmF0dXJl",
        "scope": " ".join(reversed(grant.scope.split())),
    }


def _hubspot(_base: str, grant: Grant) -> dict[str, Any]:
    return {"token_use": "access", "scopes": grant.scope.split()}


def _hubspot_refusal(error: str, words: str) -> dict[str, Any]:
    return {
        "status": "BAD_REFRESH_TOKEN" if error == "invalid_grant" else "BAD_REQUEST",
        "message": words,
        "error": error,
        "error_description": words,
        "correlationId": "00000000-0000-0000-0000-000000000000",
    }


def _zoho(base: str, grant: Grant) -> dict[str, Any]:
    return {"api_domain": base, "scope": grant.scope.replace(",", " ")}


def _zoho_way_back(base: str) -> dict[str, str]:
    return {"location": "eu", "accounts-server": base}


def _zoho_refusal(error: str, _words: str) -> dict[str, Any]:
    return {"error": error}


def _pipedrive(base: str, _grant: Grant) -> dict[str, Any]:
    return {"api_domain": base, "scope": "base,contacts:full"}


def _pipedrive_refusal(error: str, words: str) -> dict[str, Any]:
    return {"success": False, "message": f"{words}.", "error": error}


SALESFORCE: Final = Shape(
    "/services/oauth2/authorize",
    "/services/oauth2/token",
    "/services/oauth2/revoke",
    code_life=900,
    token_life=7200,
    says_life=False,
    repeats_refresh=False,
    facts=_salesforce,
)
HUBSPOT: Final = Shape(
    "/oauth/authorize",
    "/oauth/2026-03/token",
    "/oauth/2026-03/token/revoke",
    code_life=60,
    token_life=1800,
    revokes_for_client=True,
    cascades=False,
    facts=_hubspot,
    refusal=_hubspot_refusal,
)
ZOHO: Final = Shape(
    "/oauth/v2/auth",
    "/oauth/v2/token",
    "/oauth/v2/token/revoke",
    code_life=120,
    repeats_refresh=False,
    offline={"access_type": "offline", "prompt": "consent"},
    gone="invalid_code",
    status=200,
    revoked={"status": "success"},
    facts=_zoho,
    way_back=_zoho_way_back,
    refusal=_zoho_refusal,
)
PIPEDRIVE: Final = Shape(
    "/oauth/authorize",
    "/oauth/token",
    "/oauth/revoke",
    basic=True,
    pkce=False,
    code_life=300,
    token_life=3599,
    denied="user_denied",
    revokes_for_client=True,
    facts=_pipedrive,
    refusal=_pipedrive_refusal,
)
