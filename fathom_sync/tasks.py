"""The clock's and the queue's ways in."""

from uuid import UUID

from celery import shared_task

from fathom_sync import accounts
from fathom_sync.ledger import reconciling
from fathom_sync.meetings import keeping, unmatched
from fathom_sync.syncs import sync


@shared_task(name="fathom_sync.sync_all")
def sync_all() -> None:
    """Sync every account that has a key, look at what waits though it need not,
    and drop what is kept no longer.
    """
    sync.start_all(trigger="beat")
    unmatched.sweep()
    keeping.forget()


@shared_task(name="fathom_sync.reconcile_all")
def reconcile_all() -> None:
    """Prove every account that has a key, each night."""
    for account in accounts.configured():
        reconciling.start_reconcile(account, trigger="beat")


@shared_task(name="fathom_sync.look_again")
def look_again(rep_id: str) -> None:
    """Move what waits under this rep's addresses to where it belongs now."""
    unmatched.look_again(UUID(rep_id))
