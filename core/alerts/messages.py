"""What an alert says, in plain words: what happened, since when, what to do, and where to look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import AlertDelivery, Incident, User
from core.words.states import word

NAMES_SHOWN: Final = 10


@dataclass(frozen=True)
class Message:
    """One alert: a line that stands alone, the rest of it, and the page it is about."""

    subject: str
    body: str
    link: str

    @property
    def text(self) -> str:
        return f"{self.subject}\n\n{self.body}\n\n{self.link}"

    @property
    def short(self) -> str:
        """For a telephone: the line and the link."""
        return f"{self.subject[:240]} {self.link}"


def compose(deliveries: Sequence[AlertDelivery]) -> Message:
    """Return the message for one delivery, or one digest for many."""
    with translation.override(settings.LANGUAGE_CODE):
        if len(deliveries) == 1:
            return _single(deliveries[0])
        return _digest(deliveries)


def compose_for(person: User, deliveries: Sequence[AlertDelivery]) -> Message:
    """Return the mail to one person: in their language and time zone,
    with the page that they may open.
    """
    with (
        translation.override(person.language or settings.LANGUAGE_CODE),
        timezone.override(zone_of(person)),
    ):
        if len(deliveries) > 1:
            return replace(_digest(deliveries), link=_link("dashboard:incidents"))
        delivery = deliveries[0]
        incident = _incident(delivery)
        return replace(
            _single(delivery, for_member=not person.is_staff),
            link=_link("dashboard:incident", incident.pk),
        )


def summary(person: User, still_open: Sequence[Incident], over: Sequence[Incident]) -> Message:
    """Return the daily summary: what is wrong now, and what was put right since the day before."""
    with (
        translation.override(person.language or settings.LANGUAGE_CODE),
        timezone.override(zone_of(person)),
    ):
        lines = []
        if still_open:
            lines.append(_("Wrong now:"))
            lines += [
                f"• {word(incident.severity)}: {incident.headline}" for incident in still_open
            ]
        if over:
            lines.append(_("Put right since yesterday:"))
            lines += [f"• {incident.headline}" for incident in over]
        count = len(still_open)
        return Message(
            subject=ngettext(
                "Koppel: %(number)d open incident", "Koppel: %(number)d open incidents", count
            )
            % {"number": count},
            body="\n".join(lines),
            link=_link("dashboard:incidents"),
        )


def zone_of(person: User) -> ZoneInfo:
    """Return the zone in which a person reads times; the house's for a name that is none."""
    try:
        return ZoneInfo(person.time_zone)
    except (ValueError, ZoneInfoNotFoundError):
        return ZoneInfo(settings.TIME_ZONE)


def trial() -> Message:
    """Return what the test of a channel sends."""
    with translation.override(settings.LANGUAGE_CODE):
        return Message(
            subject=_("Koppel: this alert channel works"),
            body=_(
                "Somebody pressed Test for this channel. Nothing is wrong and nothing "
                "is to be done."
            ),
            link=_link("admin:core_alertchannel_changelist"),
        )


def _single(delivery: AlertDelivery, *, for_member: bool = False) -> Message:
    incident = _incident(delivery)
    lines = [_what_happened(incident, delivery.transition)]
    if incident.affected:
        lines.append(_("Affected: %(names)s") % {"names": _names(incident.affected)})
    advice = incident.advice
    if for_member and incident.notice:
        advice = incident.notice
    if advice and delivery.transition != "closed":
        lines.append(_("What to do: %(what)s") % {"what": advice})
    return Message(
        subject=_line(delivery, incident),
        body="\n".join(lines),
        link=_link("admin:core_incident_change", incident.pk),
    )


def _digest(deliveries: Sequence[AlertDelivery]) -> Message:
    lines = [
        f"• {_line(delivery, incident)}"
        for delivery, incident in ((row, _incident(row)) for row in deliveries)
    ]
    more = len(lines) - 5 * NAMES_SHOWN
    if more > 0:
        lines = [*lines[:-more], _("and %(number)d more") % {"number": more}]
    return Message(
        subject=ngettext(
            "Koppel: %(number)d message", "Koppel: %(number)d messages", len(deliveries)
        )
        % {"number": len(deliveries)},
        body="\n".join(lines),
        link=_link("admin:core_incident_changelist"),
    )


def _incident(delivery: AlertDelivery) -> Incident:
    if delivery.incident is None:
        raise ValueError("An alert without an incident has nothing to say")
    return delivery.incident


def _line(delivery: AlertDelivery, incident: Incident) -> str:
    """Return what happened in one line: a name in it may have several,
    and no mail has such a subject.
    """
    return f"{_mark(incident, delivery.transition)}: {' '.join(incident.headline.split())}"


def _mark(incident: Incident, transition: str) -> str:
    if transition == "closed":
        return str(word("closed"))
    return str(word(incident.severity))


def _what_happened(incident: Incident, transition: str) -> str:
    since = _moment(incident.opened_at)
    if transition == "closed" and incident.closed_at:
        return _("This is over. It began %(since)s and ended %(end)s.") % {
            "since": since,
            "end": _moment(incident.closed_at),
        }
    if transition == "worsened":
        return _("This got worse. It began %(since)s.") % {"since": since}
    return _("This began %(since)s.") % {"since": since}


def _moment(moment: datetime) -> str:
    zone = timezone.get_current_timezone_name()
    return f"{formats.date_format(timezone.localtime(moment), 'DATETIME_FORMAT')} {zone}"


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    if more <= 0:
        return shown
    return _("%(names)s and %(number)d more") % {"names": shown, "number": more}


def _link(name: str, *arguments: object) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=arguments)}"
