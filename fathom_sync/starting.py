"""Which accounts a sync asks, for a rep, for an organization, or for everybody: one rule for the API and the pages."""

from typing import Any

from core.models import Run
from crm.models import Organization, SalesRep
from fathom_sync import accounts, sync

Started = list[tuple[Run, bool]]


def for_rep(rep: SalesRep, **how: Any) -> Started:
    """Every account that may list this rep's meetings; `how` as `sync.start_sync` takes it."""
    return [sync.start_sync(account, rep=rep, **how) for account in sync.accounts_of(rep)]


def for_organization(organization: Organization, **how: Any) -> Started:
    """Its own accounts where it has some; else the installation's, asked for its reps alone."""
    configured = accounts.configured()
    own = [account for account in configured if account.organization_id == organization.pk]
    if own:
        return [sync.start_sync(account, **how) for account in own]
    shared = [account for account in configured if account.organization_id is None]
    return [sync.start_sync(account, organization=organization, **how) for account in shared]


def for_everybody(**how: Any) -> Started:
    """Every account that has a key."""
    return [sync.start_sync(account, **how) for account in accounts.configured()]
