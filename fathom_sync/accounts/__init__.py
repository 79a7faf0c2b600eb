"""The Fathom accounts, kept by core.vendors: whose they are, their keys and secrets,
and how each connection is.

owners        which accounts there are
keys          found, stored, replaced, removed
status        how a connection is, since when
connection    saved, tested, and what is said of that
vendor        what core.vendors knows of Fathom
config        what the fields are called, and what a key is
registration  our webhook at Fathom
"""

from fathom_sync.accounts.keys import (
    any_secret,
    api_key,
    fingerprint,
    lists_with,
    remove,
    save,
    source,
    webhook_secret,
)
from fathom_sync.accounts.owners import (
    account_for,
    configured,
    installation,
    is_linked,
    link_of,
    serving,
    with_keys,
)
from fathom_sync.accounts.status import last_tested, say_status, state_of, states, status

__all__ = [
    "account_for",
    "any_secret",
    "api_key",
    "configured",
    "fingerprint",
    "installation",
    "is_linked",
    "last_tested",
    "link_of",
    "lists_with",
    "remove",
    "save",
    "say_status",
    "serving",
    "source",
    "state_of",
    "states",
    "status",
    "webhook_secret",
    "with_keys",
]
