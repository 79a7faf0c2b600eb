"""Fathom's accounts as they serve the reader: read once for the first steps and for the sources."""

from dataclasses import dataclass
from uuid import UUID

from core.connections import Connection
from fathom_sync import accounts
from fathom_sync.models import FathomAccount


@dataclass(frozen=True)
class Linked:
    """The accounts with a key that bring these calls, and those shared ones whose key did not work when last tried."""

    scope: UUID | None
    serving: list[FathomAccount]
    failing: list[FathomAccount]

    @property
    def is_linked(self) -> bool:
        return bool(self.serving)

    @property
    def is_up_to_others(self) -> bool:
        """Whether all that fails is the installation's, while the reader looks at one organization."""
        if not self.failing or self.scope is None:
            return False
        return all(account.organization_id is None for account in self.failing)


def linked(scope: UUID | None) -> Linked:
    """Read the accounts of an organization; of all for None. Reps' own fail for themselves alone."""
    serving = accounts.serving(scope)
    shared = [account for account in serving if account.rep_id is None]
    states = accounts.states(shared)
    return Linked(scope, serving, [account for account in shared if states[account.pk].state is Connection.ERROR])
