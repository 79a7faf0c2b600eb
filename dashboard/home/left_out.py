"""Recorded calls that become calls here once somebody says whose they are."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import User
from crm import access
from dashboard.calls.words import number
from dashboard.home.needs import Need, Words
from dashboard.navigation import Shell
from dashboard.queries import within
from dashboard.sources import entering, queue
from fathom_sync import access as fathom
from fathom_sync.models import FathomMeeting


def waiting(user: User, shell: Shell, *, acts: bool = True) -> list[Need]:
    """Return one row that says how many wait, where any do; without `acts` it has no button."""
    count = _count(user, shell)
    if not count:
        return []
    address = reverse("dashboard:source_fathom_queue")
    act: Words = ""
    if acts:
        act = _("Assign")
    words = ngettext(
        "%(number)s recorded call needs a rep", "%(number)s recorded calls need a rep", count
    )
    return [
        Need(
            state="incomplete",
            title=words % {"number": number(count)},
            text=_("Each comes in as soon as you say whose it is."),
            href=address,
            act=act,
            act_href=address,
        )
    ]


def _count(user: User, shell: Shell) -> int:
    if not entering.sees_fathom(user, shell.scope):
        return 0
    reasons = set(queue.ASSIGNABLE)
    if not access.is_internal(user):
        # Between two organizations the house alone decides.
        reasons -= {"ambiguous"}
    rows = within(fathom.meetings_for(user), shell.scope).filter(reason__in=reasons)
    waiting_rows = rows.exclude(outcome=FathomMeeting.Outcome.IMPORTED)
    return waiting_rows.values("recording_id").distinct().count()
