"""The client of one organization: its pace, its credits, its own words for what went wrong."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import RateLimited
from core.http import Answer, CallContext, Client, Costs, Limits, Quota
from core.models import VendorAccount
from core.vendors import Values
from integrations.providers.zoho.answers import refusal
from integrations.providers.zoho.names import VENDOR, accounts_host
from integrations.providers.zoho.signin import signed_in

# Few may be under way at once: five in the smallest edition.
QUOTAS: Final = (Quota("calls", 5, 1),)
LIMITS: Final = Limits(read=60, total=150)
# So many credits are left to the organization's other apps.
RESERVE: Final = 250
A_QUARTER: Final = 900.0
NEARLY_SPENT: Final = _(
    "The Zoho organization's API credits of 24 hours are nearly used. Koppel leaves the rest to its other apps and "
    "goes on by itself later."
)


class Judge:
    """Looks at each answer, and stops a client before the organization's last credits are spent."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._is_spent = False

    def quotas(self) -> tuple[Quota, ...]:
        """Return the client's pace; RateLimited where the credits that are left are not for us."""
        if self._is_spent:
            raise RateLimited(VENDOR, NEARLY_SPENT, retry_after=A_QUARTER)
        return QUOTAS

    def __call__(self, answer: Answer, costs: Costs) -> Costs:
        left = answer.headers.get("x-api-credits-remaining", "")
        # It is told only once half of them are used.
        self._is_spent = left.isdecimal() and int(left[:9]) < RESERVE
        failure = refusal(answer)
        if failure is not None:
            raise failure
        self._values.note_answer(answer, costs)
        return None


def client(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client for an account's values; VendorError where nobody is signed in."""
    auth, api_base = signed_in(account, values, context)
    judge = Judge(values)
    name = account.label or values.fingerprint[:24]
    return Client(VENDOR, name, api_base, auth, judge.quotas, context, limits=LIMITS, on_answer=judge)


def stranger(values: Values, context: CallContext) -> Client:
    """Return a client that does not say who it is: for what Zoho tells anybody."""
    return Client(VENDOR, "", accounts_host(values.text("dataCenter")), None, (), context)
