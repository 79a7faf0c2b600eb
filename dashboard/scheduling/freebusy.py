"""What a form of a meeting says while it is filled in: the time by each clock,
and what the closer has that day.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.models import User
from core.words import time_zones
from crm import access, wall_time
from crm.services import availability
from crm.services.availability import Busy
from dashboard.scheduling import times
from dashboard.scheduling.booking import MeetingForm, wall_of

# The strip is drawn in so many parts; a meeting is never drawn narrower than it can be seen.
WIDE: Final = 1440
NARROWEST: Final = 8
HOURS: Final = (0, 6, 12, 18)


@dataclass(frozen=True)
class Taken:
    """A meeting of the closer on the strip, and in words. `title` is empty where
    the person may not see it.
    """

    left: int
    width: int
    words: str
    title: str
    is_clash: bool


@dataclass(frozen=True)
class Look:
    """What is known of the time that is in the form."""

    clocks: list[tuple[str, str]] = field(default_factory=list)
    closer: str = ""
    day: str = ""
    place: str = ""
    taken: list[Taken] = field(default_factory=list)
    wanted: tuple[int, int] | None = None
    hours: list[tuple[int, str]] = field(default_factory=list)
    shows_twice: bool = False
    shows_never: bool = False

    @property
    def clashes(self) -> list[Taken]:
        return [each for each in self.taken if each.is_clash]


def look(user: User, form: MeetingForm, without: UUID | None = None) -> Look:
    """Return what to show beside the form, as far as it is filled in. It has been validated."""
    found = form.cleaned_data
    day, clock, zone = found.get("day"), found.get("time"), found.get("time_zone")
    if day is None or not zone:
        return Look()
    span = form.span
    closer = form.chosen_closer
    twice = never = False
    if clock is not None:
        wall = wall_of(day, clock, second=False)
        never = not wall_time.exists(wall, zone)
        twice = (
            not never and wall_of(day, clock, second=True) != wall and _is_twice(wall.time, zone)
        )
    clocks: list[tuple[str, str]] = []
    if span is not None:
        names = [zone, timezone.get_current_timezone_name()]
        if closer is not None:
            names.insert(1, closer.user.time_zone)
        clocks = _clocks(names, *span)
    facts: dict[str, Any] = {
        "clocks": clocks,
        "shows_twice": twice,
        "shows_never": never,
        "place": times.place(zone),
    }
    if closer is None:
        return Look(**facts)
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    ends = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    strip = Strip(midnight.astimezone(ZoneInfo("UTC")), ends.astimezone(ZoneInfo("UTC")), zone)
    busy = availability.busy(closer, strip.starts, strip.ends)
    return Look(
        **facts,
        closer=times.name_of(closer),
        taken=strip.taken(user, [each for each in busy if each.appointment_id != without], span),
        wanted=strip.place(*span) if span else None,
        hours=[(strip.left(midnight.replace(hour=hour)), f"{hour:02}:00") for hour in HOURS],
    )


@dataclass(frozen=True)
class Strip:
    """A day from one midnight to the next, by one zone's clock: 23 to 25 hours."""

    starts: datetime
    ends: datetime
    zone: str

    def left(self, moment: datetime) -> int:
        share = (moment - self.starts) / (self.ends - self.starts)
        return round(WIDE * min(max(share, 0.0), 1.0))

    def place(self, starts: datetime, ends: datetime) -> tuple[int, int]:
        """Return where it begins on the strip, and how wide it is."""
        left = self.left(starts)
        return left, max(self.left(ends) - left, NARROWEST)

    def taken(
        self, user: User, busy: list[Busy], span: tuple[datetime, datetime] | None
    ) -> list[Taken]:
        """Return the closer's meetings, with a title where the person may see it."""
        keys = [each.appointment_id for each in busy]
        seen = access.appointments_for(user).filter(pk__in=keys).select_related("lead")
        titles = {row.pk: row.title or row.lead.name for row in seen}
        clashing = availability.overlaps(busy, *span) if span else []
        return [
            Taken(
                *self.place(each.starts_at, each.ends_at),
                words=self._words(each),
                title=titles.get(each.appointment_id, ""),
                is_clash=each in clashing,
            )
            for each in busy
        ]

    def _words(self, each: Busy) -> str:
        with timezone.override(ZoneInfo(self.zone)):
            return f"{times.clock(each.starts_at)} – {times.clock(each.ends_at)}"


def _is_twice(wall: datetime, zone: str) -> bool:
    local = wall.replace(tzinfo=ZoneInfo(zone))
    return local.utcoffset() != local.replace(fold=1).utcoffset()


def _clocks(names: list[str], starts: datetime, ends: datetime) -> list[tuple[str, str]]:
    """Return the time by each clock once: zones that show the same are one."""
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        if name and name in time_zones.names():
            words = times.span_in(name, starts, ends)
            found.setdefault(words, (times.place(name), words))
    return list(found.values())
