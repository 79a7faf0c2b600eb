"""Fetching an account's records, as its vendor declares it."""

from typing import Any

from core import runs
from core.models import VendorAccount
from core.vendors.declarations import vendor_of


def start_sync(account: VendorAccount, *, trigger: str, started_by: Any = None) -> runs.Started:
    """Start the account's sync, or join the one that is open.
    LookupError where its vendor has none.
    """
    kind = vendor_of(account).sync
    if kind is None:
        raise LookupError(f"{account.vendor} has nothing to fetch")
    return runs.start(
        kind,
        account,
        organization_id=account.organization_id,
        trigger=trigger,
        started_by=started_by,
    )
