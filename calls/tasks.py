"""The clock's and the queue's ways in."""

from celery import shared_task

from calls import indexing


@shared_task(name="calls.index_waiting")
def index_waiting() -> None:
    """Read the words of calls that came in many at once, so that they are found."""
    indexing.index_waiting()
