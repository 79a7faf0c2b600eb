"""Connected accounts, declared by their fields: what is entered, kept, tried,
shown and told of them is made from that.

declarations what an app says of a vendor      values  what an account has, by slot
saving       checked, staged, promoted         checking a test in steps
status       how a connection is, and since    forms   what is entered on pages and in the admin
syncing      an account's records, fetched     destinations where its secrets are sent
"""

from core.vendors.checking import check, is_outage
from core.vendors.declarations import (
    Field,
    Found,
    Probe,
    Vendor,
    check_address,
    declare,
    declared,
    find,
)
from core.vendors.saving import (
    Saved,
    Stored,
    check_value,
    discard_next,
    remove,
    reveal,
    save,
    store,
    use_next,
)
from core.vendors.status import end_incident, report, state_of, watched
from core.vendors.syncing import start_sync
from core.vendors.values import (
    Values,
    account_of,
    accounts_of,
    current,
    has_next,
    in_clear,
    in_environment,
    masked,
    plain,
    staged,
    stored,
)

__all__ = [
    "Field",
    "Found",
    "Probe",
    "Saved",
    "Stored",
    "Values",
    "Vendor",
    "account_of",
    "accounts_of",
    "check",
    "check_address",
    "check_value",
    "current",
    "declare",
    "declared",
    "discard_next",
    "end_incident",
    "find",
    "has_next",
    "in_clear",
    "in_environment",
    "is_outage",
    "masked",
    "plain",
    "remove",
    "report",
    "reveal",
    "save",
    "staged",
    "start_sync",
    "state_of",
    "store",
    "stored",
    "use_next",
    "watched",
]
