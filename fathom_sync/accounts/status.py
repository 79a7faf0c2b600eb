"""How each connection is: whoever learns whether a key works says so by `say_status()`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core import vendors
from core.connections import Connection, ConnectionStatus
from core.errors import BadCredentials
from core.masking import Secret
from core.words.sayings import Saying
from fathom_sync.accounts import config
from fathom_sync.accounts.owners import link_of, links_of
from fathom_sync.models import FathomAccount


def state_of(account: FathomAccount) -> ConnectionStatus:
    """Return how the connection is with the key that is stored now, since when,
    and when it was last tried.
    """
    return vendors.state_of(link_of(account))


def states(accounts: Iterable[FathomAccount]) -> dict[UUID, ConnectionStatus]:
    """Return the same of many, read at once."""
    return {pk: vendors.state_of(link) for pk, link in links_of(accounts).items()}


def status(account: FathomAccount) -> Connection:
    """Return connected or error where the stored key was tried, else not_configured."""
    return state_of(account).state


def last_tested(account: FathomAccount) -> datetime | None:
    """Return when a person or a command last tried the connection with the key
    that is stored now.
    """
    return state_of(account).last_tested


def say_status(
    account: FathomAccount,
    state: Connection | str,
    *,
    key: Secret | None = None,
    why: Saying | None = None,
    tested: bool = False,
) -> bool:
    """Write what was learned of the key, `key` being the one that was tried (FathomClient.key);
    return whether it was.

    Nothing is written once another key is stored. `tested` moves the time of the last test.
    """
    link = link_of(account, makes=True)
    values = vendors.current(link)
    if config.API_KEY not in values:
        return False
    if key is not None:
        values = values.with_others({config.API_KEY: key})
    failure = None
    if Connection(state) is not Connection.CONNECTED:
        failure = why or BadCredentials(config.VENDOR).saying
    return vendors.report(link, values, failure, tested=tested)
