"""A meeting as calendars take it (RFC 5545): the same UID all its life,
a higher SEQUENCE with each change.
"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from crm.models import Appointment

REQUEST, CANCEL = "REQUEST", "CANCEL"
# A line is so many bytes at most; what is longer goes on in the next after a space.
LONGEST_LINE: Final = 74


def uid(appointment: Appointment) -> str:
    """Return the name by which a calendar knows this meeting again."""
    return f"{appointment.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'koppel'}"


def written(
    appointment: Appointment,
    *,
    method: str,
    title: str,
    text: str,
    link: str,
    organizer: tuple[str, str],
    to: str,
) -> str:
    """Return the file's text. `organizer` is a name and an address."""
    name, address = organizer
    status = "CONFIRMED"
    if method == CANCEL:
        status = "CANCELLED"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Koppel//Meetings//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid(appointment)}",
        f"SEQUENCE:{appointment.revision}",
        f"DTSTAMP:{_moment(appointment.updated_at)}",
        f"DTSTART:{_moment(appointment.starts_at)}",
        f"DTEND:{_moment(appointment.ends_at)}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(text)}",
        f'ORGANIZER;CN="{_quoted(name)}":mailto:{address}',
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:{to}",
        f"STATUS:{status}",
        "TRANSP:OPAQUE",
    ]
    if link:
        lines += [f"LOCATION:{_escaped(link)}", f"URL:{link}"]
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(_plain(line) for line in text.splitlines())


def _quoted(text: str) -> str:
    """Return a text that may stand in quotes, where none can be escaped."""
    return _plain(text).replace('"', "'")


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())


def _folded(line: str) -> str:
    """Fold a line that is too long, and never within a letter."""
    parts, part, length = [], "", 0
    for sign in line:
        size = len(sign.encode())
        if length + size > LONGEST_LINE:
            parts.append(part)
            part, length = " ", 1
        part += sign
        length += size
    return "\r\n".join([*parts, part])
