"""A CEO's home: how the month goes, where the weeks lead, who is ahead,
and whether the numbers can be trusted.

An ADMIN, who is internal, has the same of the organization that they look at.
"""

from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from calls.access import calls_for
from calls.models import Call
from core.models import User
from crm import access
from dashboard import periods
from dashboard.charts import Series
from dashboard.home import figures, incidents, left_out, needs, setter, weeks
from dashboard.navigation import Shell
from dashboard.sources.pages import Summary

RANKED: Final = 8


def page(user: User, shell: Shell, sources: Summary) -> dict[str, Any]:
    """Return what the home of a CEO shows."""
    now = timezone.now()
    seen, heard = access.appointments_for(user, shell.scope), calls_for(user, shell.scope)
    waiting = (
        lambda: incidents.open_ones(user, shell),
        lambda: left_out.waiting(user, shell),
        lambda: setter.without_closer(seen, now),
    )
    counted = figures.of_month(seen, heard, now)
    return {
        "figures": counted,
        "is_compared": any(figure.delta for figure in counted),
        "trend": trend(heard),
        "ranking": ranking(heard),
        "needs": needs.first(*waiting),
        "sources": sources,
    }


def trend(heard: QuerySet[Call]) -> dict[str, Any]:
    """Return the calls of twelve weeks, and those that were won."""
    mondays = weeks.mondays(weeks.LONG)
    counted = weeks.by_week(heard.filter(weeks.HELD), "happened_at", mondays, won=weeks.WON)
    return {
        "labels": [date_format(monday, "j N") for monday in mondays],
        "series": [Series(_("Calls"), counted["total"]), Series(_("Won"), counted["won"])],
        "is_empty": not any(counted["total"]),
    }


def ranking(heard: QuerySet[Call]) -> dict[str, Any]:
    """Return who won most in 30 days; who had most calls, where nothing is known to be won."""
    recent = heard.filter(weeks.HELD, rep__isnull=False, happened_at__gte=periods.named("30").since)
    rows = recent.order_by().values_list("rep__name", "rep_id")
    counted = rows.annotate(won=Count("pk", filter=Q(weeks.WON)), total=Count("pk"))
    found = list(counted.order_by("-won", "-total", "rep__name", "rep_id")[:RANKED])
    won = [(name, wins) for name, _rep, wins, _total in found if wins]
    if won:
        return {"title": _("Won in 30 days"), "rows": won, "unit": _("Won")}
    return {
        "title": _("Calls in 30 days"),
        "rows": [(name, total) for name, _rep, _wins, total in found],
        "unit": _("Calls"),
    }
