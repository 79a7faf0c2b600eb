"""A closer's home: the next meeting, the rest of the day, what is still owed,
and how the week goes.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.access import calls_for
from calls.models import Call, CallAction
from calls.services import actions
from core.models import User
from crm import access, joining
from crm.models import Appointment
from dashboard.home import calls, meetings, needs, weeks
from dashboard.home.needs import Need
from dashboard.navigation import Shell
from dashboard.periods import first_moment
from dashboard.scheduling.states import STAYED_AWAY

# So many are read to find the next one and those after it today.
READ: Final = 20
ACTIONS: Final = 6
# How long a meeting that nobody spoke of stands in the list.
FORGOTTEN: Final = timedelta(days=14)


def page(user: User, shell: Shell) -> dict[str, Any]:
    """Return what the home of a closer shows."""
    now = timezone.now()
    seen, heard = access.appointments_for(user, shell.scope), calls_for(user, shell.scope)
    ahead = seen.filter(status=Appointment.Status.SCHEDULED, ends_at__gt=now).order_by(
        "starts_at", "pk"
    )
    rows = meetings.shown(user, meetings.with_all(ahead)[:READ], now)
    following = next(iter(rows), None)
    last = None
    if following:
        last = calls.last_with(heard, following.booked.lead_id)
    return {
        "next": following,
        "last": last,
        "rest": [row for row in rows[1:] if row.is_today],
        "actions": open_actions(user, shell),
        "needs": needs.first(
            lambda: calls.without_outcome(heard, now), lambda: unspoken(seen, now)
        ),
        "week": week(seen, heard),
    }


def open_actions(user: User, shell: Shell) -> list[CallAction]:
    """Return what this person still owes after calls, the soonest due first."""
    return list(actions.open_for(user, shell.scope)[:ACTIONS])


def unspoken(seen: QuerySet[Appointment], now: datetime) -> list[Need]:
    """Return meetings that are over, with no call in them and no word of how they went."""
    over = now - joining.CLOSES_AFTER
    never_begun = Q(call=None) | Q(call__started_at=None)
    rows = seen.filter(
        never_begun,
        status=Appointment.Status.SCHEDULED,
        ends_at__lt=over,
        ends_at__gte=now - FORGOTTEN,
    )
    found = rows.select_related("lead").order_by("-starts_at", "pk")[: needs.SHOWN + 1]
    return [_unspoken(row) for row in found]


def _unspoken(row: Appointment) -> Need:
    address = meetings.address_of(row)
    return Need(
        state="meeting.no_show",
        title=row.title or row.lead.name,
        text=_("Nobody joined. Say how it went, or that %(lead)s did not come.")
        % {"lead": row.lead.name},
        when=row.starts_at,
        href=address,
        act=_("How did it go?"),
        act_href=address,
    )


def week(seen: QuerySet[Appointment], heard: QuerySet[Call]) -> dict[str, Any]:
    """Return what this week brought, beside the weeks before it."""
    mondays = weeks.mondays(weeks.SHORT)
    counted = weeks.by_week(heard.filter(weeks.HELD), "happened_at", mondays, won=weeks.WON)
    since, until = mondays[-1], timezone.localdate()
    missed = seen.filter(
        STAYED_AWAY,
        starts_at__gte=first_moment(since),
        starts_at__lt=first_moment(until + timedelta(days=1)),
    )
    return {
        "held": counted["total"][-1],
        "won": counted["won"][-1],
        "no_shows": missed.count(),
        "no_shows_href": meetings.listed(
            since=since.isoformat(), until=until.isoformat(), became="no_show"
        ),
        "weeks": counted["total"],
    }
