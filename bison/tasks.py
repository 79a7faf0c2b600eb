"""The clock's ways in."""

from celery import shared_task

from bison.ledger import checking as ledger
from bison.ledger import walking
from bison.syncs import kinds, starting
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


@shared_task(name="bison.sync_email_accounts")
def sync_email_accounts() -> None:
    """Bring the e-mail accounts of every workspace up to date."""
    starting.start_by_clock(kinds.EMAIL_ACCOUNTS)


@shared_task(name="bison.sync_pipeline")
def sync_pipeline() -> None:
    """Bring campaigns and interested replies of every workspace up to date."""
    starting.start_by_clock(kinds.PIPELINE)


@shared_task(name="bison.sync_analytics")
def sync_analytics() -> None:
    """Bring the figures of the last days up to date."""
    starting.start_by_clock(kinds.ANALYTICS)


@shared_task(name="bison.sync_volume")
def sync_volume() -> None:
    """Bring what was sent, and could have been, up to date."""
    starting.start_by_clock(kinds.VOLUME)


@shared_task(name="bison.count_email_accounts")
def count_email_accounts() -> None:
    """Hold every workspace's number of e-mail accounts against the vendor's."""
    starting.start_by_clock(kinds.COUNTS)
