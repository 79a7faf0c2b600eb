"""What is wrong now, as rows of a home: as many as are shown, each with the button that puts it right."""

from django.utils import timezone

from core.models import User
from crm import access
from crm.services import incidents
from dashboard import remedies
from dashboard.home import needs
from dashboard.home.needs import Need
from dashboard.navigation import Shell


def open_ones(user: User, shell: Shell, *, acts: bool = True) -> list[Need]:
    """Return the newest open incidents that concern this person, the critical ones first; none that is snoozed."""
    found = incidents.within(access.incidents_for(user), shell.scope).filter(closed_at=None)
    found = found.exclude(snoozed_until__gt=timezone.now())
    # "critical" sorts before "warning".
    newest = found.order_by("severity", "-opened_at")[: needs.SHOWN + 1]
    return needs.of_incidents(remedies.advice(newest, shell), acts=acts)
