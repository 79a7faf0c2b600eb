"""A week of a calendar in the reader's zone: from Monday's first moment to the next Monday's.

Days begin by the clock on the reader's wall, so the weeks in which it is changed are an hour
shorter or longer.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from django.utils import timezone
from django.utils.formats import date_format

from dashboard.periods import first_moment

YEARS = range(2000, 2100)
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    monday: date

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def asked(cls, text: str) -> Self:
        """Return the week of `2026-11-16`; this one for anything that is no day of our years."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return cls.of(timezone.localdate())
        if day.year not in YEARS:
            day = timezone.localdate()
        return cls.of(day)

    @property
    def starts(self) -> datetime:
        return first_moment(self.monday)

    @property
    def ends(self) -> datetime:
        return first_moment(self.monday + A_WEEK)

    @property
    def earlier(self) -> date:
        return self.monday - A_WEEK

    @property
    def later(self) -> date:
        return self.monday + A_WEEK

    @property
    def is_now(self) -> bool:
        return self == Week.of(timezone.localdate())

    def __str__(self) -> str:
        """Return "16 – 22 November 2026", with as little said twice as the two days allow."""
        last = self.monday + timedelta(days=6)
        start = "j F Y"
        if self.monday.month == last.month:
            start = "j"
        elif self.monday.year == last.year:
            start = "j F"
        return f"{date_format(self.monday, start)} – {date_format(last, 'j F Y')}"
