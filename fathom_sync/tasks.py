"""The clock's and the queue's ways in."""

from celery import shared_task

from fathom_sync import sync


@shared_task(name="fathom_sync.sync")
def work_sync(run_id: str) -> None:
    """Walk one account's list."""
    sync.work(run_id)


@shared_task(name="fathom_sync.sync_all")
def sync_all() -> None:
    """Sync every account that has a key."""
    sync.start_all(trigger="beat")
