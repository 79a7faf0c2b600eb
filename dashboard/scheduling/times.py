"""When a meeting is, as its reader says it, and as those say it who agreed on it elsewhere."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Appointment, Member

YEARS = range(2000, 2100)


def clock(moment: datetime) -> str:
    """Write "14:30" as on the reader's wall; with the zone's letters in the hour
    that it shows twice.
    """
    local = timezone.localtime(moment)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    if twice:
        return f"{local:%H:%M} {local.tzname()}"
    return f"{local:%H:%M}"


def elsewhere(appointment: Appointment) -> str:
    """Return "09:00 – 10:00 in New York": what was agreed, where the clock shows something else
    than the reader's.
    """
    local = timezone.localtime(appointment.starts_at)
    agreed_there = appointment.starts_at.astimezone(ZoneInfo(appointment.time_zone))
    if agreed_there.utcoffset() == local.utcoffset():
        return ""
    starts, ends = appointment.starts_wall, appointment.ends_wall
    facts = {
        "from": f"{starts:%H:%M}",
        "to": f"{ends:%H:%M}",
        "place": place(appointment.time_zone),
    }
    if starts.date() != local.date():
        facts["day"] = date_format(starts, "l")
        return _("%(day)s %(from)s – %(to)s in %(place)s") % facts
    return _("%(from)s – %(to)s in %(place)s") % facts


def place(zone: str) -> str:
    """Return the city of a zone's name: "America/Argentina/Buenos_Aires" → "Buenos Aires"."""
    return zone.rpartition("/")[2].replace("_", " ")


def day_name(day: date) -> str:
    """Return "Today", "Tomorrow", "Yesterday", or nothing: the date stands beside it."""
    away = day - timezone.localdate()
    names = {
        timedelta(): _("Today"),
        timedelta(days=1): _("Tomorrow"),
        timedelta(days=-1): _("Yesterday"),
    }
    return names.get(away, "")


def agreed(appointment: Appointment) -> str:
    """Return "Tuesday 24 November, 15:00 – 15:45 (Amsterdam time)":
    as agreed, for whoever has no zone with us.
    """
    starts, ends = appointment.starts_wall, appointment.ends_wall
    facts = {
        "day": date_format(starts, "l j F"),
        "from": f"{starts:%H:%M}",
        "to": f"{ends:%H:%M}",
        "place": place(appointment.time_zone),
    }
    return _("%(day)s, %(from)s – %(to)s (%(place)s time)") % facts


def in_the_readers_zone(appointment: Appointment) -> str:
    """Return "Tuesday 24 November, 15:00 – 15:45", in the reader's zone."""
    day = date_format(timezone.localtime(appointment.starts_at), "l j F")
    return f"{day}, {clock(appointment.starts_at)} – {clock(appointment.ends_at)}"


def span_in(zone: str, starts: datetime, ends: datetime) -> str:
    """Return "Tuesday 24 November, 15:00 – 15:45", by the clock of that zone."""
    with timezone.override(ZoneInfo(zone)):
        local = timezone.localtime(starts)
        last = clock(ends)
        if timezone.localtime(ends).date() != local.date():
            last = f"{date_format(timezone.localtime(ends), 'l')} {last}"
        return f"{date_format(local, 'l j F')}, {clock(starts)} – {last}"


def day_of(text: str) -> date | None:
    """Return the day of `2026-11-16`; None for anything that is no day of our years."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if day.year not in YEARS:
        return None
    return day


def name_of(member: Member | None) -> str:
    """Return what a colleague is called: a mailbox's address is nobody's name."""
    if member is None:
        return ""
    return called(member.user.first_name, member.user.last_name, member.user.username)


def called(first_name: str, last_name: str, username: str) -> str:
    """Return the same of what is known of them."""
    return f"{first_name} {last_name}".strip() or username.partition("@")[0]


def moment(when: datetime) -> str:
    """Return "1 December, 15:00", by the reader's clock."""
    return f"{date_format(timezone.localtime(when), 'j F')}, {clock(when)}"
