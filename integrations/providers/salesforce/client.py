"""The client of one organization: its pace, its daily limit, its own words for what went wrong."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.http import Answer, CallContext, Client, Limits, Quota
from core.models import VendorAccount
from core.vendors import Values
from integrations.providers.judging import Sparing
from integrations.providers.salesforce.answers import refusal, usage_of
from integrations.providers.salesforce.names import VENDOR
from integrations.providers.salesforce.signin import address_of, signed_in

QUOTAS: Final = (Quota("calls", 10, 1),)
# A query over many contacts takes its time; a batch of writes may run triggers for each row.
LIMITS: Final = Limits(read=60, total=150)
# From this share of the day's calls on, those that are left are the organization's other apps'.
RESERVE: Final = 0.95
NEARLY_SPENT: Final = _(
    "Fewer than 5 in 100 of the Salesforce organization's API calls of 24 hours are left. Koppel "
    "leaves them to its other apps and goes on by itself later."
)


def client(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client for an account's values; VendorError where nobody is signed in."""
    auth, api_base = signed_in(account, values, context)
    judge = Sparing(VENDOR, values, QUOTAS, is_spent=_is_spent, refusal=refusal, words=NEARLY_SPENT)
    name = account.label or values.fingerprint[:24]
    return Client(
        VENDOR, name, api_base, auth, judge.quotas, context, limits=LIMITS, on_answer=judge
    )


def stranger(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client that does not say who it is: for what Salesforce tells anybody."""
    return Client(VENDOR, "", address_of(account, values), None, (), context)


def _is_spent(answer: Answer) -> bool | None:
    usage = usage_of(answer)
    if usage is None or usage[1] <= 0:
        return None
    return usage[0] / usage[1] >= RESERVE
