"""Calls to a service of any make, and whether anybody answers there."""

from typing import Final

from core.http import CallContext, Client, Quota
from core.models import VendorAccount
from core.vendors import Values
from integrations.providers.base import context_of
from integrations.providers.freeform.credentials import auth_of

QUOTAS: Final = (Quota("all", 600, 60),)
ANSWERED: Final = range(100, 600)


def client_at(address: str, account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client that signs in as the person declared."""
    auth = auth_of(account.vendor, values, context)
    name = values.fingerprint[:24]
    return Client(
        account.vendor, name, address, auth, QUOTAS, context, on_answer=values.note_answer
    )


def reach(address: str, path: str, account: VendorAccount, values: Values) -> None:
    """Ask without a key: whatever is answered, somebody is there,
    with a certificate for the name.
    """
    context = context_of(account, "test", by=values.tried_by)
    Client(account.vendor, "", address, context=context, reads="bytes").get(path, ok=ANSWERED)
