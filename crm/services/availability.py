"""When a closer is busy, and what may not be booked over it without a word."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core import locks
from core.errors import Conflicting
from crm.models import Appointment, Member, Organization, SalesRep
from crm.models.meetings import LONGEST

# Who may hold a meeting with a lead.
CAN_CLOSE: Final = (Member.Role.CEO, Member.Role.MANAGER, Member.Role.CLOSER)
CLASH = _("The closer has another meeting then.")


class Clash(Conflicting):
    """The closer meets somebody else at that time."""

    conflict = "clash"


@dataclass(frozen=True)
class Busy:
    """A time at which somebody meets a lead."""

    appointment_id: UUID
    starts_at: datetime
    ends_at: datetime


def closers_of(organization: Organization) -> QuerySet[Member]:
    """Return those who can hold a meeting of this organization:
    nobody who left, or is archived as a rep.
    """
    archived = SalesRep.objects.filter(member__isnull=False, archived_at__isnull=False).values(
        "member_id"
    )
    closers = Member.objects.filter(
        organization=organization, role__in=CAN_CLOSE, user__is_active=True
    )
    named = closers.exclude(pk__in=archived).select_related("user")
    return named.order_by("user__first_name", "user__last_name", "user__username")


def standing(closer: Member | UUID, since: datetime, until: datetime) -> QuerySet[Appointment]:
    """Return the meetings of this closer that stand and overlap this time."""
    closer_id = closer
    if isinstance(closer, Member):
        closer_id = closer.pk
    theirs = Appointment.objects.filter(closer_id=closer_id, status=Appointment.Status.SCHEDULED)
    # None lasts longer than that: so the index by closer and start finds them.
    return theirs.filter(starts_at__lt=until, ends_at__gt=since, starts_at__gt=since - LONGEST)


def busy(closer: Member, since: datetime, until: datetime) -> list[Busy]:
    """Return when this closer meets somebody, in the order of the times."""
    rows = (
        standing(closer, since, until)
        .order_by("starts_at", "pk")
        .values_list("pk", "starts_at", "ends_at")
    )
    return [Busy(*row) for row in rows]


def overlaps(
    times: Iterable[Busy], starts: datetime, ends: datetime, without: UUID | None = None
) -> list[Busy]:
    """Return those of these times that a meeting from `starts` to `ends` would overlap."""
    others = [each for each in times if each.appointment_id != without]
    return [each for each in others if each.starts_at < ends and each.ends_at > starts]


def take(appointment: Appointment, *, refuse_clash: bool) -> None:
    """Let one booking of a closer go on at a time; raise Clash where that is asked
    for and there is one.

    Whoever books the same closer waits until the transaction of the first ends,
    and so sees what that booked.
    """
    if appointment.closer_id is None or appointment.status != Appointment.Status.SCHEDULED:
        return
    locks.hold("crm.closer_times", appointment.closer_id)
    if not refuse_clash:
        return
    others = standing(appointment.closer_id, appointment.starts_at, appointment.ends_at)
    if others.exclude(pk=appointment.pk).exists():
        raise Clash(CLASH, code="conflict")
