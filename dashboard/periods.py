"""The period that a page looks at: whole days of the reader, written in the address,
the same list on every page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

ANY, CUSTOM = "", "custom"
NAMES: Final[dict[str, str | Promise]] = {
    "today": gettext_lazy("Today"),
    "7": gettext_lazy("7 days"),
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "this-month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "year": gettext_lazy("52 weeks"),
}
# How addresses that people kept call them.
FORMER: Final = {"week": "7", "month": "30", "quarter": "90"}
LENGTHS: Final = {"today": 1, "7": 7, "30": 30, "90": 90, "year": 364}
# The days of this century: none that a calendar or a database would stumble over.
YEARS: Final = range(2000, 2100)


@dataclass(frozen=True)
class Period:
    """From a first to a last day; without one of them it is open at that end."""

    key: str
    first: date | None = None
    last: date | None = None
    error: str = ""

    @property
    def is_any(self) -> bool:
        return self.first is None and self.last is None

    @property
    def is_custom(self) -> bool:
        return self.key == CUSTOM

    @property
    def name(self) -> str:
        """Return what it is called: by its name in the list, or by its days."""
        if self.key in NAMES:
            return str(NAMES[self.key])
        if self.first and self.last:
            return f"{date_format(self.first, 'j N Y')} – {date_format(self.last, 'j N Y')}"
        if self.first:
            return _("Since %(day)s") % {"day": date_format(self.first, "j N Y")}
        if self.last:
            return _("Until %(day)s") % {"day": date_format(self.last, "j N Y")}
        return _("Any time")

    @property
    def since(self) -> datetime | None:
        """Return the first moment that is of it."""
        if not self.first:
            return None
        return first_moment(self.first)

    @property
    def until(self) -> datetime | None:
        """Return the first moment that is no longer of it."""
        if not self.last:
            return None
        return first_moment(self.last + timedelta(days=1))

    @property
    def days(self) -> int:
        if self.first and self.last:
            return (self.last - self.first).days + 1
        return 0

    def before(self) -> "Period":
        """Return the period before, as long as this one; of a month the same days
        of the month before it.
        """
        if self.first is None or self.last is None:
            return Period(ANY)
        if self.key in ("this-month", "last-month"):
            end = self.first - timedelta(days=1)
            last = end
            if self.key != "last-month":
                last = min(end, end.replace(day=1) + timedelta(days=self.days - 1))
            return Period(CUSTOM, end.replace(day=1), last)
        return Period(
            CUSTOM, self.first - timedelta(days=self.days), self.first - timedelta(days=1)
        )

    def before_in_words(self) -> str:
        """Say what this period is compared with: "the 30 days before"."""
        if self.key == "today":
            return _("yesterday")
        if self.key in ("this-month", "last-month"):
            return _("the month before")
        return ngettext("the day before", "the %(count)d days before", self.days) % {
            "count": self.days
        }


def asked(query: Mapping[str, str], default: str = ANY) -> Period:
    """Return the period of an address; the page's usual one where the address names
    none that there is.
    """
    key = FORMER.get(query.get("period", ""), query.get("period", ""))
    if key in NAMES:
        return named(key)
    custom = _custom(
        _day(query.get("since", "")), _day(query.get("until", "")), bounded=bool(default)
    )
    if custom:
        return custom
    if default:
        return named(default)
    return Period(ANY)


def named(key: str) -> Period:
    """Return the period of this name as it is today, in the reader's zone."""
    today = timezone.localdate()
    if key == "this-month":
        return Period(key, today.replace(day=1), today)
    if key == "last-month":
        last = today.replace(day=1) - timedelta(days=1)
        return Period(key, last.replace(day=1), last)
    return Period(key, today - timedelta(days=LENGTHS[key] - 1), today)


def _custom(first: date | None, last: date | None, *, bounded: bool) -> Period | None:
    """Return the days that were typed; `bounded` closes an end that was left open."""
    if first is None and last is None:
        return None
    if first and last and last < first:
        error = _("This day is before the one under “From”.")
        last = None
        if bounded:
            last = timezone.localdate()
        return Period(CUSTOM, first, last, error)
    if bounded:
        last = last or max(timezone.localdate(), first or date.min)
        first = first or last - timedelta(days=LENGTHS["30"] - 1)
    return Period(CUSTOM, first, last)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if day.year not in YEARS:
        return None
    return day


def first_moment(day: date) -> datetime:
    """Return the first moment of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
