"""Calls to one account at HubSpot: its pace, its access, its own words for what went wrong."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Incomplete
from core.http import Answer, Auth, BearerKey, CallContext, Client, Costs, Limits, Quota
from core.masking import Secret
from core.models import VendorAccount
from core.vendors import Values
from integrations import oauth
from integrations.providers.hubspot.answers import judge
from integrations.providers.hubspot.names import VENDOR, api

# The smallest plans have 100 calls in ten seconds, a marketplace app 110; searches are five a second on all.
QUOTAS: Final = (Quota("burst", 90, 10), Quota("search", 4, 1, cost=0))
SEARCH: Final = {"search": 1}
UNAUTHORIZED: Final = 401
LIMITS: Final = Limits(total=120)
NOT_CONNECTED: Final = _("Nobody has connected HubSpot yet. Press Connect and allow Koppel there, or enter a key.")


def client_of(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client for a grant, or for a key that was pasted; Incomplete where there is neither."""
    name = account.label or values.fingerprint[:24]
    return Client(
        VENDOR, name, api(), _auth(account, values), QUOTAS, context, limits=LIMITS, on_answer=judging(values)
    )


def stranger(context: CallContext) -> Client:
    """Return a client that does not say who it is."""
    return Client(VENDOR, "", api(), None, (), context, limits=LIMITS, on_answer=_look_at_a_strangers)


def _look_at_a_strangers(answer: Answer, costs: Costs) -> Costs:
    """Judge an answer, but for the refusal that a stranger is to get."""
    if answer.status != UNAUTHORIZED:
        judge(answer)
    return None


def judging(values: Values) -> Any:
    """Return what looks at each answer before its status does."""

    def look(answer: Answer, costs: Costs) -> Costs:
        judge(answer)
        values.note_answer(answer, costs)
        return None

    return look


def _auth(account: VendorAccount, values: Values) -> Auth:
    grant = oauth.auth_of(account, values)
    if grant is not None:
        return grant
    key = values.get("accessToken")
    if not isinstance(key, Secret):
        raise Incomplete(VENDOR, NOT_CONNECTED)
    return BearerKey(key)
