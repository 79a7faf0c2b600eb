"""Times as people say them. `static/js/times.js` keeps them true while a page is open,
by the same rules.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _


def ago(when: datetime, now: datetime | None = None) -> str:
    """Return "9 minutes ago", "in 2 hours": one unit, rounded towards now,
    so that it never claims too much.
    """
    seconds = int((when - (now or timezone.now())).total_seconds())
    is_past, seconds = seconds <= 0, abs(seconds)
    if seconds < 60:
        return _("just now")
    length = next(length for length in LENGTHS if seconds >= length)
    return _distance(length, seconds // length, is_past, get_language())


def exactly(when: datetime) -> str:
    """Return the whole time in the reader's zone, with the zone's name:
    what a relative time shows on hover.
    """
    local = timezone.localtime(when)
    return f"{_day(local.date(), get_language())} {local:%H:%M:%S} {local.tzname()}"


def at_the_clock(when: datetime, now: datetime | None = None) -> str:
    """Return "20:48"; of another day "28 November, 20:48"."""
    local = timezone.localtime(when)
    if local.date() == timezone.localtime(now).date():
        return date_format(local, "H:i")
    return f"{date_format(local, 'j F')}, {date_format(local, 'H:i')}"


def lasted(started: datetime, finished: datetime) -> str:
    """Return a time to the second below an hour; what took no second is not said
    to have taken none.
    """
    seconds = max(int((finished - started).total_seconds()), 0)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    if rest:
        return _("%(seconds)d s") % {"seconds": rest}
    return _("under a second")


# Rows of a page are of few days and distances: the words of each are put together once.
@lru_cache(maxsize=2000)
def _day(day: date, _language: str | None) -> str:
    return date_format(day, "DATE_FORMAT")


@lru_cache(maxsize=2000)
def _distance(length: int, count: int, is_past: bool, _language: str | None) -> str:
    behind, ahead = LENGTHS[length](count)
    words = ahead
    if is_past:
        words = behind
    return words % {"count": count}


def _minutes(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d minute ago", "%(count)d minutes ago", count),
        ngettext("in %(count)d minute", "in %(count)d minutes", count),
    )


def _hours(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d hour ago", "%(count)d hours ago", count),
        ngettext("in %(count)d hour", "in %(count)d hours", count),
    )


def _days(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d day ago", "%(count)d days ago", count),
        ngettext("in %(count)d day", "in %(count)d days", count),
    )


def _months(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d month ago", "%(count)d months ago", count),
        ngettext("in %(count)d month", "in %(count)d months", count),
    )


def _years(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d year ago", "%(count)d years ago", count),
        ngettext("in %(count)d year", "in %(count)d years", count),
    )


# The longest first.
LENGTHS: Final[dict[int, Callable[[int], tuple[str, str]]]] = {
    31_536_000: _years,
    2_592_000: _months,
    86_400: _days,
    3_600: _hours,
    60: _minutes,
}
