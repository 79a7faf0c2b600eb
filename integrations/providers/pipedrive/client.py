"""Calls to one company at Pipedrive: its pace, its access, its own words for what went wrong."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Incomplete
from core.http import CallContext, Client, HeaderKey, Limits, Quota
from core.masking import Secret
from core.models import VendorAccount
from core.vendors import Values
from integrations import oauth
from integrations.providers.judging import judging, judging_a_stranger
from integrations.providers.pipedrive.answers import judge
from integrations.providers.pipedrive.names import VENDOR, api

# The smallest plan's, of two seconds: a token's 20, a grant's 80, and 10 searches whoever asks.
BY_TOKEN: Final = (Quota("burst", 18, 2), Quota("search", 9, 2, cost=0))
BY_GRANT: Final = (Quota("burst", 72, 2), Quota("search", 9, 2, cost=0))
SEARCHES: Final = {"search": 1}
LIMITS: Final = Limits(total=120)
NOT_CONNECTED: Final = _(
    "Nobody has connected Pipedrive yet. Press Connect and allow Koppel there, or "
    "enter an API token."
)


class PipedriveClient(Client):
    """A client that keeps the names of organizations that it has seen."""

    organizations: dict[int, str]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.organizations = {}


def client_of(account: VendorAccount, values: Values, context: CallContext) -> PipedriveClient:
    """Return a client for a grant, or for a token that was pasted;
    Incomplete where there is neither.
    """
    name = account.label or values.fingerprint[:24]
    on_answer = judging(judge, values)
    grant = oauth.auth_of(account, values)
    if grant is not None:
        base = grant.api_base or api()
        return PipedriveClient(
            VENDOR, name, base, grant, BY_GRANT, context, limits=LIMITS, on_answer=on_answer
        )
    token = values.get("apiToken")
    if not isinstance(token, Secret):
        raise Incomplete(VENDOR, NOT_CONNECTED)
    # In a header: in the address it would stand in logs.
    auth = HeaderKey("x-api-token", token)
    return PipedriveClient(
        VENDOR, name, api(), auth, BY_TOKEN, context, limits=LIMITS, on_answer=on_answer
    )


def stranger(context: CallContext) -> Client:
    """Return a client that does not say who it is."""
    return Client(
        VENDOR, "", api(), None, (), context, limits=LIMITS, on_answer=judging_a_stranger(judge)
    )
