"""A week drawn by its hours: a column for each day of the reader's,
meetings where the clock has them.

Hours are rows that all columns share, by what the clock shows. The hour that a clock shows twice
has two rows in that week, of which the other days have one; the hour that it skips is there for
the other days. So a day of 23 or 25 hours is drawn whole, and a meeting never stands at an hour
that it is not at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from core.models import User
from core.quick import quickly
from core.words.icons import icon
from core.words.markup import markup
from core.words.states import Look, look
from crm.models import Appointment
from dashboard.periods import first_moment
from dashboard.scheduling import states, times
from dashboard.scheduling.calendar import SHOWN
from dashboard.scheduling.weeks import Week

# More than anybody reads of a week.
MOST: Final = 1000
# Side by side in a day's column; what is more is counted.
LANES: Final = 4
# Hours that are drawn although nothing is in them.
FROM, TO = 8, 18
# The rows are divided so, and nothing is drawn shorter than a line of words is high.
STEP: Final = 5
SHORTEST: Final = 25
ONE_LINE: Final = 45
A_DAY: Final = timedelta(days=1)

# An hour as the clock shows it, and which pass of it.
Row = tuple[int, int]


@dataclass(frozen=True)
class Block:
    """A meeting, or the part of one that is on this day."""

    appointment: Appointment
    name: str
    words: str
    look: Look
    top: int
    length: int
    lane: int
    lanes: int
    from_before: bool
    goes_on: bool
    is_off: bool
    is_past: bool

    @property
    def places(self) -> str:
        """Return the classes that place it: hours and minutes from the top,
        its length, its lane.
        """
        down, high = divmod(self.top, 60), divmod(self.length, 60)
        return f"r{down[0]} m{down[1]} h{high[0]} l{high[1]} lane-{self.lane} of-{self.lanes}"

    @property
    def signs(self) -> str:
        """Return the classes that say how it is."""
        tone = self.look.tone
        if self.appointment.status == Appointment.Status.SCHEDULED and not self.is_past:
            tone = "info"
        marks = {
            "week-short": self.length < ONE_LINE,
            "week-off": self.is_off,
            "week-from-before": self.from_before,
            "week-goes-on": self.goes_on,
        }
        return " ".join([f"tone-{tone}", *(name for name, is_so in marks.items() if is_so)])

    @property
    def drawn(self) -> SafeString:
        """Write it: by hundreds, and so not by a template."""
        row = self.appointment
        closer = times.name_of(row.closer)
        about = " · ".join(filter(None, (str(self.look.word), closer)))
        return markup(
            '<a class="week-block {} {}" href="/scheduling/{}" data-drawer="meeting" title="{}">'
            '{}<strong>{}</strong> <span>{}</span><span class="visually-hidden">{}</span></a>',
            self.signs,
            self.places,
            row.pk,
            f"{self.words} · {self.name} · {about}",
            icon(self.look.icon),
            self.name,
            self.words,
            about,
        )


@dataclass(frozen=True)
class More:
    """How many meetings there is no room for, and where on the day."""

    count: int
    top: int

    @property
    def places(self) -> str:
        hours, minutes = divmod(self.top, 60)
        return f"r{hours} m{minutes}"


@dataclass
class Column:
    """One day."""

    day: date
    blocks: list[Block] = field(default_factory=list)
    more: list[More] = field(default_factory=list)
    now: str = ""
    absent: list[str] = field(default_factory=list)
    is_chosen: bool = False

    @property
    def is_today(self) -> bool:
        return self.day == timezone.localdate()

    @property
    def is_weekend(self) -> bool:
        return self.day.weekday() > 4


@dataclass(frozen=True)
class Grid:
    """The week: its rows, and its days."""

    week: Week
    hours: list[str]
    columns: list[Column]
    is_cut: bool
    next: date | None = None

    @property
    def is_empty(self) -> bool:
        return not any(column.blocks for column in self.columns)


def grid(user: User, rows: QuerySet[Appointment], week: Week, chosen: date) -> Grid:
    """Return the week of these meetings, which the person may see.
    `chosen` is the day that a phone shows.
    """
    within = rows.filter(
        starts_at__lt=week.ends, ends_at__gt=week.starts, starts_at__gt=week.starts - A_DAY
    )
    wanted = (
        within.order_by("starts_at", "id")
        .select_related("lead", "closer__user", "call")
        .only(*SHOWN)
    )
    found = list(quickly(wanted[: MOST + 1]))
    now = timezone.now()
    days = [Day(week.monday + timedelta(days=number)) for number in range(7)]
    for row in found[:MOST]:
        for day in days:
            day.add(row)
    axis = _axis(days)
    columns = [_column(day, axis, now, chosen) for day in days]
    following = None
    if not found:
        first = (
            rows.filter(starts_at__gte=week.ends)
            .order_by("starts_at")
            .values_list("starts_at", flat=True)
            .first()
        )
        following = timezone.localdate(first) if first else None
    return Grid(week, [_hour(row) for row in axis], columns, len(found) > MOST, following)


class Day:
    """One day of the reader's, with the parts of meetings that are on it."""

    def __init__(self, day: date) -> None:
        self.date = day
        # In UTC: steps on the wall would miss the hour that it shows twice.
        self.starts, self.ends = (first_moment(each).astimezone(UTC) for each in (day, day + A_DAY))
        first, last = (
            timezone.localtime(self.starts).utcoffset(),
            timezone.localtime(self.ends).utcoffset(),
        )
        self.offset = first if first == last else None
        self.parts: list[tuple[Appointment, datetime, datetime]] = []

    def add(self, row: Appointment) -> None:
        """Keep the part of a meeting that is on this day; none where it is on others."""
        starts, ends = max(row.starts_at, self.starts), min(row.ends_at, self.ends)
        if starts < ends:
            self.parts.append((row, starts, ends))

    def local(self, moment: datetime) -> datetime:
        """Return what the reader's clock shows; on all but two days of a year by the day's own
        offset, in no time.
        """
        if self.offset is None:
            return timezone.localtime(moment)
        return (moment + self.offset).replace(tzinfo=None)

    def clock(self, moment: datetime) -> str:
        if self.offset is None or not self.starts <= moment < self.ends:
            return times.clock(moment)
        return f"{self.local(moment):%H:%M}"

    def row(self, moment: datetime) -> Row:
        local = self.local(moment)
        return local.hour, local.fold

    def rows(self) -> set[Row]:
        """Return the hours that this day has: 23 to 25."""
        if self.offset is not None:
            return {(hour, 0) for hour in range(24)}
        found, moment = set(), self.starts
        while moment < self.ends:
            found.add(self.row(moment))
            moment += timedelta(minutes=30)
        return found

    def place(self, moment: datetime, axis: Sequence[Row]) -> int:
        """Return how many minutes below the top of the rows a moment is drawn."""
        return axis.index(self.row(moment)) * 60 + self.local(moment).minute

    @property
    def used(self) -> list[int]:
        """Return the hours of the clock that something is at."""
        hours = [self.local(starts).hour for _row, starts, _ends in self.parts]
        last = [self.local(ends - timedelta(minutes=1)).hour for _row, _starts, ends in self.parts]
        return hours + last


def _axis(days: Sequence[Day]) -> list[Row]:
    """Return the rows that are drawn: the usual hours, and those that something is at."""
    used = [hour for day in days for hour in day.used]
    first, last = min([FROM, *used]), max([TO, *used])
    every = set().union(*(day.rows() for day in days))
    return sorted(row for row in every if first <= row[0] <= last)


def _hour(row: Row) -> str:
    return f"{row[0]:02}:00"


def _column(day: Day, axis: list[Row], now: datetime, chosen: date) -> Column:
    column = Column(day.date, is_chosen=day.date == chosen)
    present = day.rows()
    column.absent = [f"r{number}" for number, row in enumerate(axis) if row not in present]
    drawn = [_drawn(day, part, axis) for part in day.parts]
    for cluster in _clusters(drawn):
        _fill(column, cluster, day, now)
    if day.starts <= now < day.ends and day.row(now) in axis:
        hours, minutes = divmod(day.place(now, axis), 60)
        column.now = f"r{hours} m{minutes - minutes % STEP}"
    return column


@dataclass
class Drawn:
    """A part of a meeting with its place on the day."""

    row: Appointment
    top: int
    bottom: int
    lane: int = 0


def _drawn(day: Day, part: tuple[Appointment, datetime, datetime], axis: list[Row]) -> Drawn:
    row, starts, ends = part
    top = day.place(starts, axis)
    # The last minute and one more: the end itself may be of the next day.
    bottom = day.place(ends - timedelta(minutes=1), axis) + 1
    top -= top % STEP
    bottom += -bottom % STEP
    return Drawn(row, top, max(bottom, top + SHORTEST))


def _clusters(drawn: Iterable[Drawn]) -> list[list[Drawn]]:
    """Return what overlaps, directly or through others, together;
    each gets the first lane that is free.
    """
    clusters: list[list[Drawn]] = []
    ends: list[int] = []
    for each in sorted(drawn, key=lambda part: (part.top, -part.bottom)):
        if not ends or each.top >= max(ends):
            clusters.append([])
            ends = []
        free = next((number for number, end in enumerate(ends) if end <= each.top), len(ends))
        if free == len(ends):
            ends.append(0)
        ends[free] = each.bottom
        each.lane = free
        clusters[-1].append(each)
    return clusters


def _fill(column: Column, cluster: list[Drawn], day: Day, now: datetime) -> None:
    lanes = min(max(each.lane for each in cluster) + 1, LANES)
    hidden = [each for each in cluster if each.lane >= LANES]
    column.blocks += [_block(each, lanes, day, now) for each in cluster if each.lane < LANES]
    if hidden:
        column.more.append(More(len(hidden), hidden[0].top))


def _block(each: Drawn, lanes: int, day: Day, now: datetime) -> Block:
    row = each.row
    return Block(
        appointment=row,
        name=row.title or row.lead.name,
        words=f"{day.clock(row.starts_at)} – {day.clock(row.ends_at)}",
        look=look(states.state(row, now)),
        top=each.top,
        length=each.bottom - each.top,
        lane=each.lane,
        lanes=lanes,
        from_before=row.starts_at < day.starts,
        goes_on=row.ends_at > day.ends,
        is_off=row.status == Appointment.Status.CANCELLED,
        is_past=row.ends_at < now,
    )
