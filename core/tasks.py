"""The clock's and the queue's ways in: each finds its row and calls the service that owns the rule."""

from uuid import UUID

from celery import shared_task

from core import inbox, partitions


@shared_task(name="core.work_inbox")
def work_inbox(event_ids: list[str]) -> None:
    """Work these deliveries; what a sweep or another worker has taken meanwhile is passed over."""
    for event_id in event_ids:
        inbox.work(UUID(event_id))


@shared_task(name="core.sweep_inbox")
def sweep_inbox() -> None:
    """Work what is stored and due, whatever became of its message."""
    inbox.sweep()


@shared_task(name="core.keep_partitions")
def keep_partitions() -> None:
    """Make the days of the logs in time and drop those past their retention."""
    partitions.keep()
