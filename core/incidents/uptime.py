"""On which days a subject was down, well, or not looked at:
from the times of its incidents and the days of its checks.

A day on which nobody looked is never well; it counts neither for nor against.
A day with an incident was looked at, for somebody saw that.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from core.incidents.subjects import Subject, declared
from core.models import Incident

PERIODS: Final = (30, 90)


@dataclass(frozen=True)
class Day:
    """One day: how long it lasted until now, and for how long of it the subject was down;
    unknown where not checked.
    """

    day: date
    is_checked: bool
    seconds: float = 0
    down: float = 0

    @property
    def state(self) -> str:
        """Return up, down (all or part of it) or unchecked."""
        if not self.is_checked:
            return "unchecked"
        return "down" if self.down else "up"


@dataclass(frozen=True)
class Uptime:
    """The days of one subject, the oldest first."""

    subject: Subject
    days: list[Day] = field(default_factory=list)

    @property
    def percent(self) -> float | None:
        """Return the share of the time of checked days in which it was not down;
        None where nobody looked.
        """
        whole = sum(day.seconds for day in self.days if day.is_checked)
        if not whole:
            return None
        return 100 * (1 - sum(day.down for day in self.days) / whole)

    @property
    def checked(self) -> int:
        return sum(day.is_checked for day in self.days)


def of(subjects: Sequence[Subject], days: int) -> list[Uptime]:
    """Return the uptime of these subjects over so many days of the reader's
    zone, today included.
    """
    today = timezone.localdate()
    first = today - timedelta(days=days - 1)
    since = _midnight(first)
    checked = _checked(subjects, since)
    outages = _outages(subjects, since)
    dates = [first + timedelta(days=number) for number in range(days)]
    bounds = {
        day: (_midnight(day), min(_midnight(day + timedelta(days=1)), timezone.now()))
        for day in dates
    }
    return [
        Uptime(
            each,
            [
                _day(day, bounds[day], outages[each], day in checked[each.kind].get(each.key, ()))
                for day in dates
            ],
        )
        for each in subjects
    ]


def _day(
    day: date,
    bounds: tuple[datetime, datetime],
    outages: list[tuple[datetime, datetime]],
    looked: bool,
) -> Day:
    begins, ends = bounds
    hits = sorted(
        (max(start, begins), min(end, ends))
        for start, end in outages
        if start < ends and end > begins
    )
    down, until = 0.0, begins
    for start, end in hits:
        # Of two outages at once the time counts once.
        down += max((end - max(start, until)).total_seconds(), 0)
        until = max(until, end)
    return Day(day, looked or bool(hits), (ends - begins).total_seconds(), down)


def _checked(subjects: Sequence[Subject], since: datetime) -> Mapping[str, Mapping[str, set[date]]]:
    """Return for each kind the days on which somebody looked at each of its subjects."""
    found: dict[str, Mapping[str, set[date]]] = defaultdict(dict)
    for kind in declared():
        of_kind = [subject for subject in subjects if subject.kind == kind.key]
        if kind.checked is not None and of_kind:
            found[kind.key] = kind.checked(of_kind, since)
    return found


def _outages(
    subjects: Sequence[Subject], since: datetime
) -> Mapping[Subject, list[tuple[datetime, datetime]]]:
    """Return for each subject when it was down: one query, for whatever number of them."""
    by_cause: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        for cause in subject.down:
            by_cause[cause].append(subject)
    wanted = Q(cause__in=list(by_cause)) & (Q(closed_at=None) | Q(closed_at__gt=since))
    now = timezone.now()
    found: dict[Subject, list[tuple[datetime, datetime]]] = defaultdict(list)
    for cause, opened, closed in Incident.objects.filter(wanted).values_list(
        "cause", "opened_at", "closed_at"
    ):
        for subject in by_cause[cause]:
            found[subject].append((opened, closed or now))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
