"""The clock's ways in. Where there is no workspace yet nothing is started."""

from celery import shared_task

from bison import health, onboarding, suppression
from bison.instances import discovering
from bison.keys import expiry
from bison.ledger import checking as ledger
from bison.ledger import walking
from bison.models import Instance, Suppression, Workspace
from bison.runway import computing
from bison.syncs import kinds, starting
from bison.webhooks import checking


@shared_task(name="bison.check_health")
def check_health() -> None:
    """Ask how every workspace is, and every instance."""
    if Instance.objects.exists():
        health.start(trigger="clock")


@shared_task(name="bison.discover")
def discover() -> None:
    """Look for workspaces that are new, renamed or gone at every instance."""
    for instance in Instance.objects.select_related("account"):
        discovering.start(instance, trigger="clock")


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


@shared_task(name="bison.apply_suppressions")
def apply_suppressions() -> None:
    """Put into effect what waits: opt-outs, customers, and what new workspaces have not yet."""
    suppression.apply_what_waits()


@shared_task(name="bison.check_suppressions")
def check_suppressions() -> None:
    """Read every suppression back, and repair what was undone."""
    if Suppression.objects.exists():
        suppression.start_check(trigger="clock")


@shared_task(name="bison.runway")
def compute_runways() -> None:
    """Forecast when each workspace runs dry."""
    if Workspace.objects.exists():
        computing.start(trigger="clock")


@shared_task(name="bison.onboarding")
def look_at_onboarding() -> None:
    """Look at the checklists that are open."""
    onboarding.look_at_all()


@shared_task(name="bison.look_at_keys")
def look_at_keys() -> None:
    """Mark keys past their end, and tell of those that end soon or are to be rotated."""
    expiry.look()


@shared_task(name="bison.check_webhooks")
def check_webhooks() -> None:
    """Look at every workspace's webhook."""
    if Workspace.objects.exists():
        checking.start(trigger="clock")


@shared_task(name="bison.check_replies")
def check_replies() -> None:
    """Hold the last two days' replies against what came in."""
    if Workspace.objects.exists():
        ledger.start(trigger="clock")


@shared_task(name="bison.check_all_replies")
def check_all_replies() -> None:
    """Do the same for all days that Email Bison's log has whole."""
    if Workspace.objects.exists():
        ledger.start(days=walking.WHOLE_DAYS, trigger="clock")
