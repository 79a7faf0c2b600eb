"""The clock's ways in."""

from celery import shared_task

from bison.ledger import checking as ledger
from bison.ledger import walking
from bison.webhooks import checking


@shared_task(name="bison.check_webhooks")
def check_webhooks() -> None:
    """Look at every workspace's webhook."""
    checking.start(trigger="clock")


@shared_task(name="bison.check_replies")
def check_replies() -> None:
    """Hold the last two days' replies against what came in."""
    ledger.start(trigger="clock")


@shared_task(name="bison.check_all_replies")
def check_all_replies() -> None:
    """The same for all days that Email Bison's log has whole."""
    ledger.start(days=walking.WHOLE_DAYS, trigger="clock")
