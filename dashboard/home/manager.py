"""A manager's home: the day of each rep, what was missed, how the team does,
and which calls to hear.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from calls.access import calls_for
from calls.models import Call
from core.models import User
from core.words.states import look
from crm import access
from crm.models import Appointment
from dashboard.home import calls, incidents, meetings, needs, setter, weeks
from dashboard.home.needs import Need
from dashboard.navigation import Shell
from dashboard.periods import first_moment
from dashboard.scheduling import states, times
from dashboard.signs import Square
from dashboard.tables import Column, Empty, Table, addresses, link
from dashboard.templatetags import charts

READ: Final = 300
REPS: Final = 10


@dataclass(frozen=True)
class Row:
    """One closer's day: a square for each meeting."""

    name: str | Promise
    squares: list[Square]


@dataclass(frozen=True)
class Rep:
    """What a rep's last weeks were like; the last of each is this week."""

    pk: UUID
    name: str
    calls: list[int]
    won: list[int]


def page(user: User, shell: Shell) -> dict[str, Any]:
    """Return what the home of a manager shows."""
    now, today = timezone.now(), weeks.Day.today()
    seen, heard = access.appointments_for(user, shell.scope), calls_for(user, shell.scope)
    rows = seen.filter(starts_at__gte=today.starts, starts_at__lt=today.ends)
    rows = rows.exclude(status=Appointment.Status.CANCELLED).order_by("starts_at", "pk")
    found = list(meetings.with_all(rows)[:READ])
    waiting = (
        lambda: incidents.open_ones(user, shell),
        lambda: away(seen, now),
        lambda: setter.without_closer(seen, now),
        lambda: calls.without_outcome(heard, now, names_rep=True),
    )
    return {
        "day": day(found, now),
        "counts": counts(rows, now),
        "needs": needs.first(*waiting),
        "team": team_table(team(heard)),
        "heard": calls.worth_hearing(heard, now),
    }


def counts(rows: QuerySet[Appointment], now: datetime) -> list[tuple[str, int, str]]:
    """Count today's meetings by how far they are: what each number is of, the number,
    and where its list is.
    """
    figures = {
        "standing": (_("Meetings today"), Q()),
        "came": (_("Showed up"), states.CAME),
        "no_show": (_("No-shows"), states.STAYED_AWAY),
        "ahead": (_("Still ahead"), states.ahead(now)),
    }
    sums = {
        name: Count("pk", filter=condition or None) for name, (_label, condition) in figures.items()
    }
    counted = rows.order_by().aggregate(**sums)
    return [
        (label, counted[name], meetings.listed(period="today", became=name))
        for name, (label, _condition) in figures.items()
    ]


def day(rows: Iterable[Appointment], now: datetime) -> list[Row]:
    """Return each closer's meetings of today as squares, whoever has most of them first."""
    by_closer: dict[str, list[Square]] = {}
    address = addresses("dashboard:meeting")
    for row in rows:
        by_closer.setdefault(meetings.name_of(row.closer), []).append(
            _square(row, now, address(row.pk))
        )
    shown = [Row(name or _("Not assigned"), squares) for name, squares in by_closer.items()]
    return sorted(shown, key=lambda row: -len(row.squares))


def _square(row: Appointment, now: datetime, address: str) -> Square:
    shown = look(states.state(row, now))
    text = f"{times.clock(row.starts_at)} {row.lead.name}: {shown.word}"
    return Square(text, shown.tone, address)


def away(seen: QuerySet[Appointment], now: datetime) -> list[Need]:
    """Return the newest no-shows whose lead has no meeting ahead."""
    ahead = Appointment.objects.filter(setter.SCHEDULED, lead=OuterRef("lead"), ends_at__gt=now)
    rows = seen.filter(states.STAYED_AWAY, ~Exists(ahead), starts_at__gte=now - calls.FRESH)
    found = rows.select_related("lead", "closer__user").order_by("-starts_at", "pk")[
        : needs.SHOWN + 1
    ]
    return [_away(row) for row in found]


def _away(row: Appointment) -> Need:
    text = _("No-show")
    if row.closer is not None:
        text = _("No-show for %(closer)s") % {"closer": meetings.name_of(row.closer)}
    address = meetings.new_for(row.lead_id)
    return Need(
        state="meeting.no_show",
        title=row.lead.name,
        text=text,
        when=row.starts_at,
        href=meetings.address_of(row),
        act=_("Book again"),
        act_href=address,
    )


def team(heard: QuerySet[Call]) -> list[Rep]:
    """Return the reps with most calls of late, each with their weeks."""
    mondays = weeks.mondays(weeks.SHORT)
    recent = heard.filter(weeks.HELD, rep__isnull=False, happened_at__gte=first_moment(mondays[0]))
    busiest = recent.order_by().values("rep_id", "rep__name").annotate(count=Count("pk"))
    named = {
        row["rep_id"]: row["rep__name"]
        for row in busiest.order_by("-count", "rep__name", "rep_id")[:REPS]
    }
    found = weeks.by_week_of(recent.filter(rep_id__in=list(named)), "rep_id", mondays)
    return [Rep(key, name, *found[key]) for key, name in named.items()]


def team_table(rows: list[Rep]) -> Table[Rep]:
    """Declare the team's table: names, the weeks as a line, and this week in numbers."""
    columns: list[Column[Rep]] = [
        Column("name", _("Rep"), _name, names_row=True),
        Column("weeks", _("8 weeks"), _line, css="shrink"),
        Column("held", _("Calls"), lambda row: row.calls[-1], numeric=True),
        Column("won", _("Won"), lambda row: row.won[-1], numeric=True),
    ]
    empty = Empty(
        _("No calls yet"),
        _("Each rep stands here with their weeks, once there are calls of theirs."),
        "users",
    )
    return Table(_("The team this week"), columns, rows, empty)


def _name(row: Rep) -> Any:
    return link(reverse("dashboard:rep", args=[row.pk]), row.name)


def _line(row: Rep) -> Any:
    label = _("Calls a week: %(numbers)s") % {"numbers": ", ".join(map(str, row.calls))}
    return charts.sparkline(row.calls, label)
