"""The client of one organization: its pace, its daily limit, its own words for what went wrong."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import RateLimited
from core.http import Answer, CallContext, Client, Costs, Limits, Quota
from core.models import VendorAccount
from core.vendors import Values
from integrations.providers.salesforce.answers import refusal, usage_of
from integrations.providers.salesforce.names import VENDOR
from integrations.providers.salesforce.signin import address_of, signed_in

QUOTAS: Final = (Quota("calls", 10, 1),)
# A query over many contacts takes its time; a batch of writes may run triggers for each row.
LIMITS: Final = Limits(read=60, total=150)
# From this share of the day's calls on, those that are left are the organization's other apps'.
RESERVE: Final = 0.95
A_QUARTER: Final = 900.0
NEARLY_SPENT: Final = _(
    "Fewer than 5 in 100 of the Salesforce organization's API calls of 24 hours are left. Koppel leaves them to its "
    "other apps and goes on by itself later."
)


class Judge:
    """Looks at each answer, and stops a client before the organization's last calls are spent."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._is_spent = False

    def quotas(self) -> tuple[Quota, ...]:
        """Return the client's pace; RateLimited where the calls that are left are not for us."""
        if self._is_spent:
            raise RateLimited(VENDOR, NEARLY_SPENT, retry_after=A_QUARTER)
        return QUOTAS

    def __call__(self, answer: Answer, costs: Costs) -> Costs:
        usage = usage_of(answer)
        if usage is not None and usage[1] > 0:
            self._is_spent = usage[0] / usage[1] >= RESERVE
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


def stranger(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client that does not say who it is: for what Salesforce tells anybody."""
    return Client(VENDOR, "", address_of(account, values), None, (), context)
