"""Meetings as rows of a home: when, with whom, how far, and whether the person may come in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.quick import quickly
from core.words.states import Look, look
from crm import joining
from crm.models import Appointment, Member
from dashboard.scheduling import states, times

# More than a day has for one person.
SHOWN: Final = 12
READ: Final = (
    *(
        "title",
        "status",
        "starts_at",
        "ends_at",
        "lead__name",
        "lead__company",
        "call__status",
        "call__started_at",
    ),
    *("closer__user__username", "closer__user__first_name", "closer__user__last_name"),
)


@dataclass(frozen=True)
class Meeting:
    """One meeting, as this person sees it at this moment."""

    booked: Appointment
    look: Look
    may_join: bool

    @property
    def title(self) -> str:
        return self.booked.title or self.booked.lead.name

    @property
    def lead(self) -> str:
        return self.booked.lead.name

    @property
    def clock(self) -> str:
        return f"{times.clock(self.booked.starts_at)} – {times.clock(self.booked.ends_at)}"

    @property
    def day(self) -> str:
        """Return "Tomorrow" or the like; '' for another day."""
        return times.day_name(timezone.localdate(self.booked.starts_at))

    @property
    def is_today(self) -> bool:
        return timezone.localdate(self.booked.starts_at) == timezone.localdate()

    @property
    def has_begun(self) -> bool:
        return self.booked.starts_at <= timezone.now()

    @property
    def closer(self) -> str:
        return name_of(self.booked.closer)


def with_all(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Read with each meeting what its row says, and nothing else."""
    return quickly(rows.select_related("lead", "closer__user", "call").only(*READ))


def shown(user: User, rows: Iterable[Appointment], now: datetime) -> list[Meeting]:
    """Return the meetings as rows: who may join is what `crm.joining` says."""
    found = list(rows)
    joinable = joining.joinable(user, found, now)
    return [Meeting(row, look(states.state(row, now)), row.pk in joinable) for row in found]


def name_of(member: Member | None) -> str:
    """Return what a member is called: a mailbox's address is nobody's name."""
    if member is None:
        return ""
    return member.user.get_full_name() or member.user.get_username().partition("@")[0]


def address_of(row: Appointment) -> str:
    """Return where a meeting is changed."""
    return reverse("dashboard:meeting", args=[row.pk])


def listed(**asked: str) -> str:
    """Return where these meetings are listed: exactly those that a figure counts."""
    return f"{reverse('dashboard:meetings')}?{urlencode(asked)}"


def new() -> str:
    """Return where a meeting is booked."""
    return reverse("dashboard:book_meeting")


def new_for(lead_id: UUID) -> str:
    """Return where a meeting with this lead is booked."""
    return f"{new()}?lead={lead_id}"
