"""How far the runway's forecast is off: sixty simulated days of the stand-in's workspaces,
forecast every morning.

The simulation knows nothing of the forecast. It has single leads, mailboxes that fail and come
back, replies, bounces and people who leave, and senders that do not always reach their limit.

    python -m benchmarks.bison_runway
"""

import random
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from bison.runway.forecasting import WORKDAYS, Campaign, forecast
from sandbox.vendors.email_bison import accounts, mail
from sandbox.vendors.email_bison.cast import COMPANIES, Company

DAYS: Final = 60
FIRST: Final = date(2026, 11, 30)
SEEDS: Final = (7, 11, 23)
# Each a day: a mailbox fails, and comes back.
FAILS, COMES_BACK = 0.01, 0.3
REPLIES, BOUNCES, LEAVES = 0.025, 0.02, 0.005
# How many mails a campaign has sent before, of which its share of leavers is known.
SENT_BEFORE: Final = 1500
BANDS: Final = ((1, 5), (6, 10), (11, 20), (21, DAYS))


@dataclass(slots=True, eq=False)
class Lead:
    """A lead on its way: how many mails it has had, and when the next is due."""

    mails: int = 0
    due: int = 0


@dataclass(slots=True)
class Course:
    """A campaign: its mails, its limits, whom it has."""

    waits: tuple[int, ...]
    most: int
    most_new: int
    leaving: float
    waiting: int
    begun_on: int | None = None
    leads: dict[Lead, None] = field(default_factory=dict)

    def as_koppel_knows_it(self, number: int) -> Campaign:
        """Return what the vendor's counts say of it, and on which morning leads waited for their
        first mail last.
        """
        if self.waiting:
            self.begun_on = number
        ago = None
        if not self.waiting and self.begun_on is not None:
            ago = number - self.begun_on
        had = Counter(lead.mails for lead in self.leads)
        steps = [had[step] for step in range(1, len(self.waits) + 1)]
        return Campaign(
            self.waiting,
            steps,
            self.waits,
            WORKDAYS,
            self.most,
            self.most_new,
            leaving=self.leaving,
            begun_ago=ago,
        )


class Simulated:
    """A workspace of the stand-in, with leads that an agency may have put into its campaigns."""

    def __init__(self, seed: int, slug: str, company: Company) -> None:
        self.dice = random.Random(f"{seed} {slug} {company.id}")
        tags = accounts.tags_of(company)
        rows = [
            accounts.account(seed, slug, company, place, tags) for place in range(company.accounts)
        ]
        self.limits = [int(row["daily_limit"]) for row in rows]
        self.is_up = [row["status"] == "Connected" for row in rows]
        active = [
            row for row in mail.campaigns_of(seed, slug, company) if row["status"] == "Active"
        ]
        self.courses = [self._course(row) for row in active]

    def _course(self, row: dict[str, Any]) -> Course:
        waits = mail.waits_of(row)[:-1]
        left = sum(self.dice.random() < REPLIES + BOUNCES + LEAVES for _mail in range(SENT_BEFORE))
        course = Course(
            waits, row["max_emails_per_day"], row["max_new_leads_per_day"], left / SENT_BEFORE,
            self.dice.randint(0, 12 * max(10, min(100, sum(self.limits) // 3))),
        )  # fmt: skip
        for step, wait in enumerate(waits, 1):
            for _lead in range(self.dice.randint(0, 150)):
                course.leads[Lead(step, self.dice.randrange(max(1, wait)))] = None
        return course

    @property
    def capacity(self) -> int:
        """What the mailboxes that are connected this morning may send in a day."""
        return sum(limit for limit, is_up in zip(self.limits, self.is_up, strict=True) if is_up)

    @property
    def is_dry(self) -> bool:
        return not any(course.waiting or course.leads for course in self.courses)

    def forecast(self, number: int) -> date | None:
        capacity, day = self.capacity, FIRST + timedelta(days=number)
        known = [course.as_koppel_knows_it(number) for course in self.courses]
        return forecast(known, lambda _day: capacity, day).dry_on

    def live(self, number: int) -> None:
        """Let a day pass."""
        for place, is_up in enumerate(self.is_up):
            self.is_up[place] = (
                self.dice.random() >= FAILS if is_up else self.dice.random() < COMES_BACK
            )
        if (FIRST + timedelta(days=number)).weekday() > 4:
            return
        budget = int(self.capacity * self.dice.uniform(0.9, 1.0))
        sent = [0] * len(self.courses)
        for place, lead in self._due(number):
            course = self.courses[place]
            if budget and sent[place] < course.most:
                budget, sent[place] = budget - 1, sent[place] + 1
                self._mail(course, lead, number)
        for place in self.dice.sample(range(len(self.courses)), len(self.courses)):
            course = self.courses[place]
            begun = min(course.waiting, course.most_new, budget, course.most - sent[place])
            budget -= begun
            course.waiting -= begun
            for _lead in range(begun):
                lead = Lead()
                course.leads[lead] = None
                self._mail(course, lead, number)

    def _due(self, number: int) -> list[tuple[int, Lead]]:
        due = [
            (place, lead)
            for place, course in enumerate(self.courses)
            for lead in course.leads
            if lead.due <= number
        ]
        self.dice.shuffle(due)
        return sorted(due, key=lambda found: found[1].due)

    def _mail(self, course: Course, lead: Lead, number: int) -> None:
        lead.mails += 1
        is_last = lead.mails > len(course.waits)
        if is_last or self.dice.random() < REPLIES + BOUNCES + LEAVES:
            del course.leads[lead]
            return
        lead.due = number + course.waits[lead.mails - 1]


@dataclass(frozen=True, slots=True)
class Miss:
    """One forecast: how many days before the dry day it was made, and by how many it was off;
    None: it named none.
    """

    ahead: int
    off: int | None


class Band(NamedTuple):
    """Forecasts made so many days ahead: by how many days they were off,
    and how many named no day.
    """

    ahead: str
    forecasts: int
    median: float
    tenth: int
    worst: int
    unnamed: int


def misses(seeds: Sequence[int] = SEEDS, slugs: Sequence[str] = tuple(COMPANIES)) -> Iterator[Miss]:
    """Simulate every workspace that has senders, and give each morning's forecast held
    against what came.
    """
    for seed in seeds:
        for slug in slugs:
            for company in COMPANIES[slug]:
                yield from _of_workspace(Simulated(seed, slug, company))


def _of_workspace(simulated: Simulated) -> Iterator[Miss]:
    mornings: list[date | None] = []
    for number in range(DAYS):
        if simulated.is_dry:
            break
        mornings.append(simulated.forecast(number))
        simulated.live(number)
    if not simulated.is_dry or not simulated.limits:
        return
    dry_on = FIRST + timedelta(days=len(mornings))
    for number, named in enumerate(mornings):
        off = None
        if named is not None:
            off = (named - dry_on).days
        yield Miss(len(mornings) - number, off)


def summary(found: Sequence[Miss]) -> list[Band]:
    """Return how far the forecasts were off, by how many days ahead they were made."""
    rows = []
    for first, last in (*BANDS, (1, DAYS)):
        made = [miss.off for miss in found if first <= miss.ahead <= last]
        off = sorted(abs(days) for days in made if days is not None)
        if off:
            tenth = off[int(0.9 * (len(off) - 1))]
            unnamed = len(made) - len(off)
            rows.append(
                Band(
                    f"{first} to {last}", len(made), statistics.median(off), tenth, off[-1], unnamed
                )
            )
    return rows


def main() -> None:
    sys.stdout.write("days ahead     forecasts   median   90 %   worst (days)   no day named\n")
    for row in summary(list(misses())):
        sys.stdout.write(
            f"{row.ahead:<15}{row.forecasts:>9}{row.median:>9.0f}{row.tenth:>7}{row.worst:>8}{row.unnamed:>15}\n"
        )


if __name__ == "__main__":
    main()
