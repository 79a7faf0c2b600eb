"""The clock's ways in."""

from celery import shared_task

from bison import onboarding, suppression
from bison.runway import computing


@shared_task(name="bison.apply_suppressions")
def apply_suppressions() -> None:
    """Put into effect what waits: opt-outs, customers, and what new workspaces have not yet."""
    suppression.apply_what_waits()


@shared_task(name="bison.check_suppressions")
def check_suppressions() -> None:
    """Read every suppression back, and repair what was undone."""
    suppression.start_check(trigger="clock")


@shared_task(name="bison.runway")
def compute_runways() -> None:
    """Forecast when each workspace runs dry."""
    computing.start(trigger="clock")


@shared_task(name="bison.onboarding")
def look_at_onboarding() -> None:
    """Look at the checklists that are open."""
    onboarding.look_at_all()
