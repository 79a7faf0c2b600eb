"""One meeting as its page shows it: when and with whom, what was written to the lead,
what was done with it by whom.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.models import GuestInvitation, MeetingMail
from core.models import AuditEvent, User
from core.words.states import look
from crm import access, joining
from crm.models import Appointment
from crm.services import changes
from dashboard.calls import words
from dashboard.scheduling import states, times

WORDS: Final[dict[str, str | Promise]] = {
    "appointment.booked": gettext_lazy("Booked"),
    "appointment.cancelled": gettext_lazy("Cancelled"),
    "appointment.changed": gettext_lazy("Changed"),
    "appointment.completed": gettext_lazy("Marked as held"),
    "appointment.moved": gettext_lazy("Moved"),
    "appointment.no_show": gettext_lazy("Marked as a no-show"),
    "appointment.outcome_set": gettext_lazy("Outcome"),
    "appointment.reassigned": gettext_lazy("Another closer"),
    "appointment.reopened": gettext_lazy("Taken back: it stands again"),
}
MAILS_SHOWN: Final = 5
LINKS_SHOWN: Final = 20


@dataclass(frozen=True)
class Entry:
    """One line of a meeting's history."""

    at: datetime
    words: str | Promise
    detail: str
    actor: str


def meeting_of(user: User, appointment_id: Any) -> Appointment:
    """Return a meeting that this person sees, or raise Http404."""
    related = ("lead", "closer__user", "setter__user", "team", "organization__settings", "call")
    return get_object_or_404(
        access.appointments_for(user).select_related(*related), pk=appointment_id
    )


def page(user: User, meeting: Appointment) -> dict[str, Any]:
    """Return all that the page shows, in a fixed number of queries."""
    now = timezone.now()
    takes_part = meeting.pk in joining.joinable(user, [meeting], now)
    is_standing = meeting.status == Appointment.Status.SCHEDULED
    has_begun = now >= meeting.starts_at
    may_settle = access.may(user, "status", Appointment, meeting.organization_id)
    may_change = access.may(user, "change", Appointment, meeting.organization_id)
    links = list(GuestInvitation.objects.filter(appointment=meeting, revoked_at=None)[:LINKS_SHOWN])
    return {
        "meeting": meeting,
        "name": meeting.title or meeting.lead.name,
        "look": look(states.state(meeting, now)),
        "when": times.in_the_readers_zone(meeting),
        "elsewhere": times.elsewhere(meeting),
        "closer": times.name_of(meeting.closer),
        "setter": times.name_of(meeting.setter),
        "may_join": takes_part,
        "is_open": joining.is_open(meeting, now),
        "may_invite": takes_part,
        "may_move": may_change and is_standing,
        "may_cancel": may_settle and is_standing,
        "may_settle": may_settle and is_standing and has_begun,
        "may_reopen": may_settle and not is_standing,
        "links": links,
        "mails": list(MeetingMail.objects.filter(appointment=meeting)[:MAILS_SHOWN]),
        "history": _history(meeting),
    }


def _history(meeting: Appointment) -> list[Entry]:
    """Return what was done with it, by whom: by their names where they are still known."""
    rows = changes.history(meeting)
    actors = User.objects.filter(pk__in={row.actor_id for row in rows if row.actor_id})
    names: dict[UUID | None, str] = {actor.pk: actor.get_full_name() for actor in actors}
    return [_entry(row, names.get(row.actor_id) or row.actor_name) for row in rows]


def _entry(row: AuditEvent, actor: str) -> Entry:
    return Entry(row.at, WORDS.get(row.action, row.action), _detail(row.action, row.facts), actor)


def _detail(action: str, facts: dict[str, Any]) -> str:
    """Say from what to what, where it is worth a word."""
    if action == "appointment.moved":
        before, after = _when(facts, "starts_before"), _when(facts, "starts_at")
        if before != after:
            return _("from %(before)s to %(after)s") % {"before": before, "after": after}
        return _("by the clock of %(place)s") % {
            "place": times.place(str(facts.get("time_zone", "")))
        }
    if action == "appointment.booked":
        return _("for %(when)s") % {"when": _when(facts, "starts_at")}
    if action == "appointment.outcome_set":
        return _outcome(facts)
    if action == "appointment.reassigned":
        nobody = _("nobody")
        names = {
            "before": facts.get("closer_before") or nobody,
            "after": facts.get("closer") or nobody,
        }
        return _("from %(before)s to %(after)s") % names
    return ""


def _outcome(facts: dict[str, Any]) -> str:
    """Say what came of it, or that this was taken back."""
    outcome = str(facts.get("outcome") or "")
    if not outcome:
        return _("taken back")
    return str(words.outcome(outcome))


def _when(facts: dict[str, Any], name: str) -> str:
    """Return a moment of the log by the reader's clock."""
    try:
        moment = datetime.fromisoformat(str(facts[name]))
    except (KeyError, ValueError):
        return "–"
    return times.moment(moment.astimezone(ZoneInfo("UTC")))
