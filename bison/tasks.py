"""The clock's ways in."""

from celery import shared_task

from bison.keys import expiry


@shared_task(name="bison.look_at_keys")
def look_at_keys() -> None:
    """Mark keys past their end, and tell of those that end soon or are to be rotated."""
    expiry.look()
