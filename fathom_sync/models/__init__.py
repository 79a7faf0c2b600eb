"""Fathom's accounts and what they brought."""

from fathom_sync.models.accounts import FathomAccount
from fathom_sync.models.ledger import LedgerDay, ListedDay, SeenDay
from fathom_sync.models.meetings import FathomMeeting

__all__ = ["FathomAccount", "FathomMeeting", "LedgerDay", "ListedDay", "SeenDay"]
