"""Whose access it is: a grant of OAuth, or a token that an app's client id and secret give
at the My Domain.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, BadCredentials, Incomplete, Misconfigured, Temporary
from core.http import Answer, Auth, BasicKey, CallContext, Client, Costs
from core.masking import Secret
from core.models import VendorAccount
from core.vendors import Values
from integrations import oauth
from integrations.providers import minting
from integrations.providers.base import host
from integrations.providers.judging import object_in
from integrations.providers.minting import Token
from integrations.providers.salesforce.names import CLIENT, KEY, VENDOR, domain_host, login_host

NOT_SIGNED_IN: Final = _(
    "Nobody has signed in at Salesforce yet. Press Connect, and allow Koppel there."
)
CLIENT_REFUSED: Final = _(
    "Salesforce does not take this client id and secret. Copy the consumer key and secret of "
    "your External Client App again, and see that its client credentials flow is on, with a user "
    "to run as."
)
FOREIGN: Final = _("Salesforce named a server that is not one of its own. Nothing was sent there.")
TOKEN: Final = "/services/oauth2/token"  # noqa: S105 - a path
# The answer says no life; the shortest that an organization may set is a quarter of an hour.
SECONDS: Final = 900


def signed_in(account: VendorAccount, values: Values, context: CallContext) -> tuple[Auth, str]:
    """Return the auth of an account, and where its API is."""
    if values.text("authType") != CLIENT:
        found = oauth.auth_of(account, values)
        if found is None:
            raise Incomplete(VENDOR, NOT_SIGNED_IN)
        return found, found.api_base
    return minting.signed_in(values.fingerprint, lambda: _mint(values, context))


def address_of(account: VendorAccount, values: Values) -> str:
    """Return where an account's API is, as far as that is known before anybody has signed in."""
    if values.text("authType") == CLIENT:
        return domain_host(values.text("myDomain"))
    found = oauth.auth_of(account, values)
    if found is not None:
        return found.api_base
    return login_host(values.text("environment"))


def _mint(values: Values, context: CallContext) -> Token:
    """Have a token of the user whom the app runs as. Asked of the My Domain:
    the sign-in hosts refuse this.
    """
    domain = domain_host(values.text("myDomain"))
    key = BasicKey(values.text("clientId"), values.secret("clientSecret"))
    client = Client(VENDOR, values.fingerprint[:24], domain, key, (), context, on_answer=_judge)
    body = client.post(TOKEN, data={"grant_type": "client_credentials"}).json()
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        raise Temporary(VENDOR, UNREADABLE)
    return Token(Secret(token), _instance(body, domain), SECONDS)


def _judge(answer: Answer, _costs: Costs) -> None:
    """Raise what a refusal at the token address means: all but the limits concern the client."""
    if answer.status not in (400, 401):
        return
    if object_in(answer).get("error"):
        raise BadCredentials(VENDOR, CLIENT_REFUSED, status=answer.status)


def _instance(body: dict[str, Any], domain: str) -> str:
    """Return where the API is, as the answer says it; Misconfigured where that is no
    server of Salesforce's.
    """
    named = str(body.get("instance_url") or domain).rstrip("/")
    if named == domain:
        return domain
    base = host(KEY, "")
    name = named.removeprefix("https://")
    if (
        base
        or not named.startswith("https://")
        or not name.endswith(".salesforce.com")
        or set("/@:?#\\") & set(name)
    ):
        raise Misconfigured(VENDOR, FOREIGN)
    return named
