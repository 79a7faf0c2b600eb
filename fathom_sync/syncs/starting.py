"""Which accounts a sync asks, for a rep, for an organization, or for everybody:
one rule for the API and the pages.
"""

from typing import Any, Final

from core import runs
from crm.models import Organization, SalesRep
from fathom_sync import accounts
from fathom_sync.syncs import sync

# What a command says where there is none.
NO_KEY: Final = "No account has an API key. Set FATHOM_API_KEY or enter one in the settings."


def for_rep(rep: SalesRep, **how: Any) -> list[runs.Started]:
    """Start a sync of every account that may list this rep's meetings;
    `how` as `sync.start_sync` takes it.
    """
    return [sync.start_sync(account, rep=rep, **how) for account in sync.accounts_of(rep)]


def for_organization(organization: Organization, **how: Any) -> list[runs.Started]:
    """Start a sync of its own accounts where it has some; else of the installation's,
    asked for its reps alone.
    """
    configured = accounts.configured()
    own = [account for account in configured if account.organization_id == organization.pk]
    if own:
        return [sync.start_sync(account, **how) for account in own]
    shared = [account for account in configured if account.organization_id is None]
    return [sync.start_sync(account, organization=organization, **how) for account in shared]


def for_everybody(**how: Any) -> list[runs.Started]:
    """Start a sync of every account that has a key."""
    return [sync.start_sync(account, **how) for account in accounts.configured()]
