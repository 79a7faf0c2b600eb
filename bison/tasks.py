"""The clock's and the queue's ways in."""

from celery import shared_task

from bison import health
from bison.models import Instance


@shared_task(name="bison.check_health")
def check_health() -> None:
    """Ask how every workspace is; nothing to do where there is no instance."""
    if Instance.objects.exists():
        health.start(trigger="clock")
