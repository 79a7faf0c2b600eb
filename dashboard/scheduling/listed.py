"""Meetings of a period as a list: by when they are or were booked, and by what became of them.

Figures lead to it, on the homes and on the page of statistics, and count by the same conditions.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from calls import outcomes
from core.models import User
from core.words import times as moments
from core.words.states import look
from crm.models import Appointment
from dashboard import counts, signs
from dashboard.calls.figures import span_of
from dashboard.calls.forms import ALL
from dashboard.calls.statistics_filter import Asked, StatisticsFilter
from dashboard.calls.statistics_filter import asked as read
from dashboard.navigation import Shell
from dashboard.paging import newest_by
from dashboard.scheduling import states, times
from dashboard.tables import Column, Empty, Table, link
from dashboard.tables import addresses as addresses_of

SIZE: Final = 50
BOOKED: Final = "booked"
NONE: Final = Empty(
    gettext_lazy("No meetings match"),
    gettext_lazy("Choose another period, or fewer filters."),
    "calendar-days",
)
# What was said of a meeting, or is known by who came.
BECAME: Final = {
    outcomes.COMPLETED: gettext_lazy("Held"),
    outcomes.NO_SHOW: gettext_lazy("No-show"),
    outcomes.CANCELLED: gettext_lazy("Cancelled"),
    outcomes.OPEN: gettext_lazy("Without a result"),
    "came": gettext_lazy("Showed up"),
    "ahead": gettext_lazy("Still ahead"),
    "standing": gettext_lazy("Not cancelled"),
}
CONDITIONS: Final[dict[str, Callable[[datetime], Q]]] = {
    outcomes.COMPLETED: lambda _now: Q(became=outcomes.COMPLETED),
    outcomes.NO_SHOW: lambda _now: states.STAYED_AWAY,
    outcomes.CANCELLED: lambda _now: states.CANCELLED,
    outcomes.OPEN: lambda _now: Q(became=outcomes.OPEN),
    "came": lambda _now: states.CAME & ~states.CANCELLED,
    "ahead": lambda now: states.ahead(now) & ~states.CANCELLED,
    "standing": lambda _now: ~states.CANCELLED,
}


class MeetingFilter(StatisticsFilter):
    """A value that was not offered filters nothing."""

    became = forms.ChoiceField(
        label=gettext_lazy("Result"), required=False, choices=[ALL, *BECAME.items()]
    )
    time = forms.ChoiceField(
        label=gettext_lazy("Time"),
        required=False,
        choices=[ALL, ("over", gettext_lazy("Should be over"))],
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Period of"),
        required=False,
        choices=[("", gettext_lazy("The meetings")), (BOOKED, gettext_lazy("Their booking"))],
    )
    source = None  # type: ignore[assignment]  # meetings have none
    first: ClassVar = ("became", "team", "rep")


def page(user: User, shell: Shell, query: QueryDict) -> dict[str, Any]:
    """Return one page of the meetings that an address asks for, the newest first."""
    found = read(user, shell.scope, query, MeetingFilter)
    field = "starts_at"
    if found.form.chosen().get("days") == BOOKED:
        field = "created_at"
    rows = cut(found, field)
    related = rows.select_related("lead", "closer__user", "setter__user", "call")
    shown = newest_by(
        field, related, before=query.get("before", ""), after=query.get("after", ""), size=SIZE
    )
    table = Table(
        _("Meetings"),
        _columns(timezone.now()),
        shown.items,
        NONE,
        page=shown,
        pages=_("Pages of meetings"),
        count=counts.in_words(rows, shown, _in_words),
    )
    return {"table": table, "filters": found.form, "period": found.period}


def cut(found: Asked, field: str) -> QuerySet[Appointment]:
    """Return the meetings of an address."""
    chosen = found.form.chosen()
    meetings = found.cut.booked
    if chosen.get("time"):
        meetings = found.cut.meetings
    condition = CONDITIONS.get(chosen.get("became", ""))
    if condition is not None:
        meetings = meetings.alias(**outcomes.judged()).filter(condition(timezone.now()))
    return meetings.filter(span_of(found.period).of(field))


def _columns(now: datetime) -> list[Column[Appointment]]:
    address = addresses_of("dashboard:meeting")
    return [
        Column(
            "meeting",
            _("Meeting"),
            lambda row: link(address(row.pk), _name(row), drawer="meeting"),
            names_row=True,
        ),
        Column("state", _("State"), lambda row: signs.status(look(states.state(row, now)))),
        Column("starts", _("When"), lambda row: moments.at_the_clock(row.starts_at), css="nowrap"),
        Column("closer", _("Closer"), lambda row: times.name_of(row.closer), css="clip"),
        Column(
            "setter",
            _("Setter"),
            lambda row: times.name_of(row.setter),
            css="clip",
            hide_on_phone=True,
        ),
        Column(
            "booked",
            _("Booked"),
            lambda row: moments.at_the_clock(row.created_at),
            css="nowrap",
            hide_on_phone=True,
        ),
    ]


def _name(row: Appointment) -> str:
    if row.title and row.title != row.lead.name:
        return f"{row.lead.name} · {row.title}"
    return row.lead.name


def _in_words(count: int) -> str:
    return ngettext("%(count)d meeting", "%(count)d meetings", count) % {"count": count}
