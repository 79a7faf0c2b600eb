"""Fathom's accounts and what they brought."""

from fathom_sync.models.accounts import FathomAccount
from fathom_sync.models.ledger import LedgerDay
from fathom_sync.models.meetings import FathomMeeting

__all__ = ["FathomAccount", "FathomMeeting", "LedgerDay"]
