"""Email Bison: where it runs, which workspaces there are, and what Koppel has of each."""

from bison.models.figures import DailyFigures, DomainDay, Runway
from bison.models.imports import ImportedKey
from bison.models.instances import Instance, Turn
from bison.models.ledger import LedgerCheck, LedgerDay
from bison.models.mailboxes import EmailAccount
from bison.models.names import NameTaken
from bison.models.onboarding import Onboarding
from bison.models.pipeline import Campaign, Reply
from bison.models.registry import Workspace
from bison.models.suppression import Suppression, SuppressionState
from bison.models.syncs import WorkspaceResult

__all__ = [
    "Campaign",
    "DailyFigures",
    "DomainDay",
    "EmailAccount",
    "ImportedKey",
    "Instance",
    "LedgerCheck",
    "LedgerDay",
    "NameTaken",
    "Onboarding",
    "Reply",
    "Runway",
    "Suppression",
    "SuppressionState",
    "Turn",
    "Workspace",
    "WorkspaceResult",
]
