"""Whose access it is: a grant of OAuth, or a token that a self client gives."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import (
    LOST_KEY,
    UNREADABLE,
    BadCredentials,
    Incomplete,
    Misconfigured,
    RateLimited,
    Temporary,
)
from core.http import Answer, Auth, CallContext, Client, Costs
from core.masking import Secret
from core.models import VendorAccount
from core.secrets.crypto import CannotOpen
from core.vendors import Values
from integrations import oauth
from integrations.providers import minting
from integrations.providers.base import host
from integrations.providers.judging import object_in
from integrations.providers.minting import Token
from integrations.providers.zoho.names import (
    CLIENT,
    KEY,
    REFRESH,
    SCHEME,
    SCOPES,
    VENDOR,
    accounts_host,
    center_of,
)

NOT_SIGNED_IN: Final = _("Nobody has signed in at Zoho yet. Press Connect, and allow Koppel there.")
CLIENT_REFUSED: Final = _(
    "Zoho does not take these values of the self client. Copy client id, client secret and the "
    "rest from the API console again, and choose the data center whose console it is."
)
MINTED_TOO_OFTEN: Final = _(
    "Zoho gives no more access tokens for ten minutes. Koppel goes on by itself after that."
)
FOREIGN: Final = _(
    "Zoho named a server that is not one of the data center's. Nothing was sent there."
)
TOKEN: Final = "/oauth/v2/token"  # noqa: S105 - a path
TEN_MINUTES: Final = 600.0
A_DAY: Final = 86_400
AN_HOUR: Final = 3600


def signed_in(account: VendorAccount, values: Values, context: CallContext) -> tuple[Auth, str]:
    """Return the auth of an account, and where its API is."""
    if values.text("authType") in (CLIENT, REFRESH):
        return minting.signed_in(values.fingerprint, lambda: _mint(values, context), SCHEME)
    found = oauth.auth_of(account, values)
    if found is None:
        raise Incomplete(VENDOR, NOT_SIGNED_IN)
    return found, found.api_base


def _mint(values: Values, context: CallContext) -> Token:
    """Have a token of the self client. What is asked goes in the form: an address reaches logs."""
    center = values.text("dataCenter")
    client = Client(
        VENDOR, values.fingerprint[:24], accounts_host(center), None, (), context, on_answer=_judge
    )
    try:
        form = {
            "client_id": values.text("clientId"),
            "client_secret": values.secret("clientSecret").reveal(),
            **_grant(values),
        }
    except CannotOpen as error:
        raise BadCredentials(VENDOR, LOST_KEY) from error
    body = client.post(TOKEN, data=form).json()
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        raise Temporary(VENDOR, UNREADABLE)
    return Token(Secret(token), _api_base(body, center), _seconds(body))


def _grant(values: Values) -> dict[str, str]:
    if values.text("authType") == REFRESH:
        return {
            "grant_type": "refresh_token",
            "refresh_token": values.secret("refreshToken").reveal(),
        }
    soid = f"ZohoCRM.{values.text('organizationId')}"
    return {"grant_type": "client_credentials", "scope": ",".join(SCOPES), "soid": soid}


def _judge(answer: Answer, _costs: Costs) -> None:
    """Raise what a refusal at the token address means: it comes with 200."""
    error = object_in(answer).get("error")
    if error == "Access Denied":
        raise RateLimited(VENDOR, MINTED_TOO_OFTEN, retry_after=TEN_MINUTES, status=answer.status)
    if error and answer.status < 500 and answer.status != 429:
        raise BadCredentials(VENDOR, CLIENT_REFUSED, status=401)


def _api_base(body: dict[str, Any], center: str) -> str:
    """Return where the API is, as the answer says it; Misconfigured where that is not
    of this data center.
    """
    base = host(KEY, "")
    named = str(body.get("api_domain") or "").rstrip("/")
    if base and named in ("", base):
        return base
    if not named:
        return f"https://{center_of(center).api}"
    if base or named not in {f"https://{name}" for name in center_of(center).api_hosts}:
        raise Misconfigured(VENDOR, FOREIGN)
    return named


def _seconds(body: dict[str, Any]) -> int:
    """Return a token's life. Old answers have it in milliseconds, and in seconds beside that."""
    for name in ("expires_in_sec", "expires_in"):
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value if value <= A_DAY else value // 1000
    return AN_HOUR
