"""Times as people say them. `static/js/times.js` keeps them true while a page is open, by the same rules."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def ago(when: datetime, now: datetime | None = None) -> str:
    """ "9 minutes ago", "in 2 hours": one unit, rounded towards now, so that it never claims too much."""
    seconds = int((when - (now or timezone.now())).total_seconds())
    past, seconds = seconds <= 0, abs(seconds)
    if seconds < 60:
        return _("just now")
    tense = 1
    if past:
        tense = 0
    for length, words in (
        (31_536_000, _years),
        (2_592_000, _months),
        (86_400, _days),
        (3_600, _hours),
    ):
        if seconds >= length:
            return words(seconds // length)[tense]
    return _minutes(seconds // 60)[tense]


def exactly(when: datetime) -> str:
    """The whole time in the reader's zone, with the zone's name: what a relative time shows on hover."""
    local = timezone.localtime(when)
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M:%S} {local.tzname()}"


def at_the_clock(when: datetime, now: datetime | None = None) -> str:
    """ "20:48"; of another day "28 November, 20:48"."""
    local = timezone.localtime(when)
    if local.date() == timezone.localtime(now).date():
        return date_format(local, "H:i")
    return f"{date_format(local, 'j F')}, {date_format(local, 'H:i')}"


def lasted(started: datetime, finished: datetime) -> str:
    """To the second below an hour; what took no second is not said to have taken none."""
    seconds = max(int((finished - started).total_seconds()), 0)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    if rest:
        return _("%(seconds)d s") % {"seconds": rest}
    return _("under a second")


def _minutes(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d minute ago", "%(count)d minutes ago", count) % {"count": count},
        ngettext("in %(count)d minute", "in %(count)d minutes", count) % {"count": count},
    )


def _hours(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d hour ago", "%(count)d hours ago", count) % {"count": count},
        ngettext("in %(count)d hour", "in %(count)d hours", count) % {"count": count},
    )


def _days(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count},
        ngettext("in %(count)d day", "in %(count)d days", count) % {"count": count},
    )


def _months(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d month ago", "%(count)d months ago", count) % {"count": count},
        ngettext("in %(count)d month", "in %(count)d months", count) % {"count": count},
    )


def _years(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)d year ago", "%(count)d years ago", count) % {"count": count},
        ngettext("in %(count)d year", "in %(count)d years", count) % {"count": count},
    )
