"""A week of meetings: those that the person may see, a page of them at a time,
in a fixed number of queries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.models import User
from core.quick import quickly
from core.words.states import Look, look
from crm import access, joining
from crm.models import Appointment, Member
from dashboard.scheduling import states, times
from dashboard.scheduling.forms import ScheduleFilter
from dashboard.scheduling.weeks import Week

# More than anybody reads of a week; whoever has more turns the page.
A_PAGE: Final = 50
# All that a line needs of a meeting, and the drawing of a week.
SHOWN: Final = (
    "title",
    "status",
    "starts_at",
    "ends_at",
    "starts_wall",
    "ends_wall",
    "time_zone",
    "lead__name",
    "closer__user__first_name",
    "closer__user__last_name",
    "closer__user__username",
    "call__status",
)


@dataclass(frozen=True)
class Meeting:
    """One row: the meeting, and what this person may do with it now."""

    appointment: Appointment
    look: Look
    starts: str
    ends: str
    elsewhere: str
    may_join: bool
    is_open: bool
    may_invite: bool

    @property
    def closer(self) -> str:
        return times.name_of(self.appointment.closer)

    @property
    def is_off(self) -> bool:
        return self.appointment.status == Appointment.Status.CANCELLED


@dataclass(frozen=True)
class Day:
    date: date
    name: str
    meetings: list[Meeting]

    @property
    def is_today(self) -> bool:
        return self.date == timezone.localdate()


@dataclass(frozen=True)
class Calendar:
    week: Week
    days: list[Day]
    later: str
    """The cursor of the page that follows in this week; '' when this one is the last."""
    next: date | None
    """In a week without meetings: the day of the one that follows."""


def calendar(
    user: User, scope: UUID | None, week: Week, filters: ScheduleFilter, cursor: str = ""
) -> Calendar:
    """Return what this person has in that week, in the organization that they look at."""
    theirs = chosen(user, scope, filters)
    rows = theirs.filter(starts_at__gte=week.starts, starts_at__lt=week.ends).order_by(
        "starts_at", "id"
    )
    if after := _read(cursor):
        rows = rows.filter(Q(starts_at__gt=after[0]) | Q(starts_at=after[0], pk__gt=after[1]))
    found = list(
        quickly(rows.select_related("lead", "closer__user", "call").only(*SHOWN)[: A_PAGE + 1])
    )
    more, found = len(found) > A_PAGE, found[:A_PAGE]
    days = _days(_meetings(user, found))
    if not found:
        return Calendar(week, days, "", _next(theirs, week))
    following = ""
    if more:
        following = _cursor(found[-1])
    return Calendar(week, days, following, None)


def chosen(user: User, scope: UUID | None, filters: ScheduleFilter) -> QuerySet[Appointment]:
    """Return the meetings that this person may see, cut by the filters."""
    rows = access.appointments_for(user, scope)
    if filters.is_own:
        me = Member.objects.filter(user_id=user.pk).values("pk")
        rows = rows.filter(Q(closer_id__in=me) | Q(setter_id__in=me))
    columns = {
        "status": filters.status_chosen,
        "closer_id": filters.closer_chosen,
        "team_id": filters.team_chosen,
    }
    return rows.filter(**{name: value for name, value in columns.items() if value})


def _meetings(user: User, rows: list[Appointment]) -> list[Meeting]:
    now = timezone.now()
    taking_part = joining.joinable(user, rows, now)
    return [_meeting(row, now, part=row.pk in taking_part) for row in rows]


def _meeting(row: Appointment, now: datetime, *, part: bool) -> Meeting:
    return Meeting(
        appointment=row,
        look=look(states.state(row, now)),
        starts=times.clock(row.starts_at),
        ends=times.clock(row.ends_at),
        elsewhere=times.elsewhere(row),
        may_join=part,
        is_open=joining.is_open(row, now),
        may_invite=part,
    )


def _days(meetings: Iterable[Meeting]) -> list[Day]:
    by_day = groupby(
        meetings, key=lambda meeting: timezone.localdate(meeting.appointment.starts_at)
    )
    return [Day(day, times.day_name(day), list(rows)) for day, rows in by_day]


def _next(rows: QuerySet[Appointment], week: Week) -> date | None:
    found = (
        rows.filter(starts_at__gte=week.ends)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    if not found:
        return None
    return timezone.localdate(found)


def _cursor(row: Appointment) -> str:
    return f"{row.starts_at.isoformat()}_{row.pk}"


def _read(cursor: str) -> tuple[datetime, UUID] | None:
    """Read a cursor; one that nobody gave out is no cursor."""
    moment, _, identifier = cursor.partition("_")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(identifier)
    except (ValueError, OverflowError):
        return None
