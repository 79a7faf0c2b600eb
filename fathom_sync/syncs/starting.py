"""Which accounts a sync asks, for a rep, for an organization, or for everybody: one rule for the API and the pages."""

from typing import Any

from django.utils.translation import gettext as _

from core import runs
from core.models import Run
from crm.models import Organization, SalesRep
from fathom_sync import accounts
from fathom_sync.syncs import sync

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


def message(started: Started) -> str:
    """What whoever asked is told; with several accounts, what matters most to them."""
    new = [run for run, is_new in started if is_new]
    if not new:
        return _("A sync is under way already; this is it.")
    if all(runs.ahead_of(run).exists() for run in new):
        return _("Another sync is under way; yours starts after it.")
    return _("The sync has started.")
