"""The client of one organization: its pace, its credits, its own words for what went wrong."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.http import Answer, CallContext, Client, Limits, Quota
from core.models import VendorAccount
from core.vendors import Values
from integrations.providers.judging import Sparing
from integrations.providers.zoho.answers import refusal
from integrations.providers.zoho.names import VENDOR, accounts_host
from integrations.providers.zoho.signin import signed_in

# Few may be under way at once: five in the smallest edition.
QUOTAS: Final = (Quota("calls", 5, 1),)
LIMITS: Final = Limits(read=60, total=150)
# So many credits are left to the organization's other apps.
RESERVE: Final = 250
NEARLY_SPENT: Final = _(
    "The Zoho organization's API credits of 24 hours are nearly used. Koppel leaves the rest to "
    "its other apps and goes on by itself later."
)


def client(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client for an account's values; VendorError where nobody is signed in."""
    auth, api_base = signed_in(account, values, context)
    judge = Sparing(VENDOR, values, QUOTAS, is_spent=_is_spent, refusal=refusal, words=NEARLY_SPENT)
    name = account.label or values.fingerprint[:24]
    return Client(
        VENDOR, name, api_base, auth, judge.quotas, context, limits=LIMITS, on_answer=judge
    )


def stranger(values: Values, context: CallContext) -> Client:
    """Return a client that does not say who it is: for what Zoho tells anybody."""
    return Client(VENDOR, "", accounts_host(values.text("dataCenter")), None, (), context)


def _is_spent(answer: Answer) -> bool:
    """Tell so by what is left, which is told only once half of the credits are used."""
    left = answer.headers.get("x-api-credits-remaining", "")
    return left.isdecimal() and int(left[:9]) < RESERVE
