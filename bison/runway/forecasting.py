"""What will be sent on each of the next days, until nothing is left: pure, and in expected numbers.

A lead gets the first mail, waits, gets the next, and so on. With each mail some leave: they reply,
or the mail bounces. All campaigns of a workspace share its senders; where they cannot send all that
is due, each gets its share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

HORIZON: Final = 120
# Less than half of a lead is none.
NONE: Final = 0.5
WORKDAYS: Final = frozenset(range(5))
# What the senders can send on a day.
Capacity = Callable[[date], float]


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a campaign has left. `in_sequence[n]`: leads that have had n + 1 of its mails,
    and wait for the next.

    `waits[n]`: days between mail n + 1 and the next; a campaign has a mail more than it has waits.
    `leaving`: the share of leads that leave after each mail.
    """

    waiting: float
    in_sequence: Sequence[float] = ()
    waits: Sequence[int] = ()
    weekdays: frozenset[int] = WORKDAYS
    most_a_day: float = float("inf")
    most_new_a_day: float = float("inf")
    new_first: bool = False
    leaving: float = 0.0
    # Days since the last first mail went out, where nobody waits for theirs any more
    # and that is known.
    begun_ago: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the forecast; `left`: leads that still get something after it."""

    day: date
    sent: int
    new: int
    left: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`dry_on`: the first day on which nothing is left to send;
    None: not within the days looked at.
    """

    days: Sequence[Day]
    dry_on: date | None
    new_leads_until: date | None


@dataclass(slots=True)
class _Course:
    """A campaign on its way: whom it has left, and what is due on which day (by its number
    from the first).
    """

    campaign: Campaign
    waiting: float
    due: dict[int, dict[int, float]] = field(default_factory=dict)

    @property
    def left(self) -> float:
        return self.waiting + sum(sum(steps.values()) for steps in self.due.values())

    def put(self, number: int, step: int, leads: float) -> None:
        steps = self.due.setdefault(number, {})
        steps[step] = steps.get(step, 0.0) + leads

    def due_by(self, number: int) -> float:
        return sum(sum(steps.values()) for when, steps in self.due.items() if when <= number)


def forecast(
    campaigns: Sequence[Campaign], capacity: Capacity, first: date, *, horizon: int = HORIZON
) -> Forecast:
    """Say what is sent on each day from the first on, and when nothing is left."""
    courses = [_course(campaign) for campaign in campaigns]
    days: list[Day] = []
    new_until = None
    for number in range(horizon):
        day = first + timedelta(days=number)
        left = sum(course.left for course in courses)
        if left < NONE:
            return Forecast(days, day, new_until)
        sent, new = _send(courses, capacity(day), day, number)
        if new >= NONE:
            new_until = day
        remaining = sum(course.left for course in courses)
        days.append(Day(day, round(sent), round(new), round(remaining)))
    return Forecast(days, None, new_until)


def _course(campaign: Campaign) -> _Course:
    """Spread those who wait for their next mail evenly over the days that they may wait.

    Once nobody is written to for the first time, they cannot wait longer than the last of them.
    Whatever lies beyond the days that are looked at is one day.
    """
    course = _Course(campaign, float(campaign.waiting))
    for step, leads in enumerate(campaign.in_sequence, 1):
        if step > len(campaign.waits):
            continue
        days = max(1, campaign.waits[step - 1])
        if campaign.begun_ago is not None:
            days = max(1, min(days, sum(campaign.waits[:step]) - campaign.begun_ago + 1))
        looked_at = min(days, HORIZON)
        for number in range(looked_at):
            course.put(number, step, leads / days)
        if days > looked_at:
            course.put(looked_at, step, leads * (days - looked_at) / days)
    return course


def _send(
    courses: Sequence[_Course], capacity: float, day: date, number: int
) -> tuple[float, float]:
    """Send what is due, as far as the senders reach; return how much,
    and how much of it first mails.
    """
    wishes = [(course, *_wished(course, day, number)) for course in courses]
    wished = sum(follow_ups + new for _course, follow_ups, new in wishes)
    share = 1.0
    if wished > capacity:
        share = capacity / wished
    sent = began = 0.0
    for course, follow_ups, new in wishes:
        allowed = (follow_ups + new) * share
        first, second = follow_ups, new
        if course.campaign.new_first:
            first, second = new, follow_ups
        given = min(first, allowed)
        rest = min(second, allowed - given)
        sent += allowed
        if course.campaign.new_first:
            given, rest = rest, given
        began += rest
        _follow_up(course, given, number)
        _begin(course, rest, number)
    return sent, began


def _wished(course: _Course, day: date, number: int) -> tuple[float, float]:
    """Return the follow-ups and the first mails that a campaign would send on a day."""
    campaign = course.campaign
    if day.weekday() not in campaign.weekdays:
        return 0.0, 0.0
    follow_ups = course.due_by(number)
    new = min(course.waiting, campaign.most_new_a_day)
    if campaign.new_first:
        new = min(new, campaign.most_a_day)
        return min(follow_ups, campaign.most_a_day - new), new
    follow_ups = min(follow_ups, campaign.most_a_day)
    return follow_ups, min(new, campaign.most_a_day - follow_ups)


def _follow_up(course: _Course, count: float, number: int) -> None:
    """Send so many follow-ups, the longest due first."""
    for when in sorted(when for when in course.due if when <= number):
        steps = course.due.pop(when)
        for step, leads in sorted(steps.items(), reverse=True):
            given = min(leads, count)
            count -= given
            _go_on(course, step, given, number)
            if leads - given > 0:
                course.put(when, step, leads - given)
        if count <= 0:
            return


def _begin(course: _Course, count: float, number: int) -> None:
    course.waiting -= count
    _go_on(course, 0, count, number)


def _go_on(course: _Course, step: int, leads: float, number: int) -> None:
    """Let those who stay wait for their next mail; after the last one nobody waits."""
    waits = course.campaign.waits
    staying = leads * (1 - course.campaign.leaving)
    if step < len(waits) and staying > 0:
        course.put(number + max(1, waits[step]), step + 1, staying)
