"""The Fathom accounts: whose they are, their keys and secrets, and how each connection is.

owners        which accounts there are            keys        found, stored, replaced, removed
status        how a connection is, since when     connection  tested, and saved only where it works
config        what is set, and what a key is      trouble     a key that stopped working, as an incident
registration  our webhook at Fathom
"""

from fathom_sync.accounts.keys import (
    FIELDS,
    NOTHING_STORED,
    any_secret,
    api_key,
    fingerprint,
    holds,
    lists_with,
    remove,
    save,
    source,
    webhook_secret,
)
from fathom_sync.accounts.owners import account_for, configured, installation, is_linked, serving
from fathom_sync.accounts.status import last_tested, say_status, seen_at, status, statuses

__all__ = [
    "FIELDS",
    "NOTHING_STORED",
    "account_for",
    "any_secret",
    "api_key",
    "configured",
    "fingerprint",
    "holds",
    "installation",
    "is_linked",
    "last_tested",
    "lists_with",
    "remove",
    "save",
    "say_status",
    "seen_at",
    "serving",
    "source",
    "status",
    "statuses",
    "webhook_secret",
]
