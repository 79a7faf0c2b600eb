"""What is wrong now, as rows of a home: as many as are shown,
each with the button that puts it right.
"""

from core.models import User
from crm.services import incidents
from dashboard import remedies
from dashboard.home import needs
from dashboard.home.needs import Need
from dashboard.navigation import Shell


def open_ones(user: User, shell: Shell, *, acts: bool = True) -> list[Need]:
    """Return the newest incidents that wait for somebody, the critical ones first:
    those that the badge counts.
    """
    found = incidents.needing_attention(user, shell.scope)
    # "critical" sorts before "warning".
    newest = found.order_by("severity", "-opened_at")[: needs.SHOWN + 1]
    return needs.of_incidents(remedies.advice(newest, shell), acts=acts)
