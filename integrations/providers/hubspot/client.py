"""Calls to one account at HubSpot: its pace, its access, its own words for what went wrong."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import Incomplete
from core.http import Auth, BearerKey, CallContext, Client, Limits, Quota
from core.masking import Secret
from core.models import VendorAccount
from core.vendors import Values
from integrations import oauth
from integrations.providers.hubspot.answers import judge
from integrations.providers.hubspot.names import VENDOR, api
from integrations.providers.judging import judging, judging_a_stranger

# The smallest plans have 100 calls in ten seconds, a marketplace app 110;
# searches are five a second on all.
QUOTAS: Final = (Quota("burst", 90, 10), Quota("search", 4, 1, cost=0))
SEARCH: Final = {"search": 1}
LIMITS: Final = Limits(total=120)
NOT_CONNECTED: Final = _(
    "Nobody has connected HubSpot yet. Press Connect and allow Koppel there, or enter a key."
)


def client_of(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client for a grant, or for a key that was pasted;
    Incomplete where there is neither.
    """
    name = account.label or values.fingerprint[:24]
    return Client(
        VENDOR,
        name,
        api(),
        _auth(account, values),
        QUOTAS,
        context,
        limits=LIMITS,
        on_answer=judging(judge, values),
    )


def stranger(context: CallContext) -> Client:
    """Return a client that does not say who it is."""
    return Client(
        VENDOR, "", api(), None, (), context, limits=LIMITS, on_answer=judging_a_stranger(judge)
    )


def _auth(account: VendorAccount, values: Values) -> Auth:
    grant = oauth.auth_of(account, values)
    if grant is not None:
        return grant
    key = values.get("accessToken")
    if not isinstance(key, Secret):
        raise Incomplete(VENDOR, NOT_CONNECTED)
    return BearerKey(key)
