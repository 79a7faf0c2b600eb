"""Connected accounts, declared by their fields: what is entered, kept, tried, shown and told of them is made from that.

declarations what an app says of a vendor      values  what an account has, by slot
saving       checked, staged, promoted         checking a test in steps
status       how a connection is, and since    forms   what is entered on pages and in the admin
syncing      an account's records, fetched
"""

from core.vendors.checking import check
from core.vendors.declarations import Field, Probe, Vendor, check_address, declare, declared, find
from core.vendors.saving import Saved, discard_next, remove, reveal, save, use_next
from core.vendors.status import report, state_of, watched
from core.vendors.syncing import start_sync
from core.vendors.values import Values, account_of, accounts_of, current, has_next, masked, plain, staged

__all__ = [
    "Field",
    "Probe",
    "Saved",
    "Values",
    "Vendor",
    "account_of",
    "accounts_of",
    "check",
    "check_address",
    "current",
    "declare",
    "declared",
    "discard_next",
    "find",
    "has_next",
    "masked",
    "plain",
    "remove",
    "report",
    "reveal",
    "save",
    "staged",
    "start_sync",
    "state_of",
    "use_next",
    "watched",
]
