"""Fathom's accounts and what they brought."""

from fathom_sync.models.accounts import FathomAccount
from fathom_sync.models.assignments import AssignedMeeting, Assignment
from fathom_sync.models.ledger import LedgerDay, ListedDay, SeenDay
from fathom_sync.models.meetings import FathomMeeting

__all__ = [
    "AssignedMeeting",
    "Assignment",
    "FathomAccount",
    "FathomMeeting",
    "LedgerDay",
    "ListedDay",
    "SeenDay",
]
