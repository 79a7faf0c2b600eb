"""What statistics are counted of: calls and meetings that a person sees, cut to a team, reps,
a source, in a span.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from calls.access import calls_for, of_team
from calls.models import Call
from crm import access
from crm.access import Viewer
from crm.models import Appointment, SalesRep

# A call counts once it has begun: one that nobody came to does not.
BEGUN: Final = Q(started_at__isnull=False)


@dataclass(frozen=True)
class Span:
    """`since` belongs to it, `until` does not; without one of them there
    is no limit on that side.
    """

    since: datetime | None = None
    until: datetime | None = None

    def of(self, field: str) -> Q:
        """Return the condition that this field is in the span."""
        wanted = Q()
        if self.since is not None:
            wanted &= Q(**{f"{field}__gte": self.since})
        if self.until is not None:
            wanted &= Q(**{f"{field}__lt": self.until})
        return wanted

    def beside(self, before: "Span", field: str) -> "Beside":
        """Return the conditions of this span and the one before:
        of spans that meet, by the moment where they do.
        """
        if self.since is None or before.until != self.since:
            return Beside(self.of(field) | before.of(field), self.of(field), before.of(field))
        both = Span(before.since, self.until).of(field)
        return Beside(both, Q(**{f"{field}__gte": self.since}), Q(**{f"{field}__lt": self.since}))

    def before(self) -> "Span | None":
        """Return the span before, as long as this one; None where this one has no beginning."""
        if self.since is None:
            return None
        until = self.until or timezone.now()
        if until <= self.since:
            return None
        return Span(self.since - (until - self.since), self.since)


@dataclass(frozen=True)
class Beside:
    """The condition of two spans together, and among what is in both those of each."""

    both: Q
    now: Q
    before: Q


@dataclass(frozen=True)
class Cut:
    """Whose calls and meetings are counted. `rep_ids` are any of these reps;
    none of them are all.
    """

    user: Viewer
    organization_id: UUID | None = None
    team_id: UUID | None = None
    rep_ids: tuple[UUID, ...] = ()
    source: str = ""

    @cached_property
    def calls(self) -> QuerySet[Call]:
        """The calls, begun or not."""
        calls = calls_for(self.user, self.organization_id).order_by()
        if self.team_id:
            calls = calls.filter(of_team(self.team_id))
        if self.rep_ids:
            calls = calls.filter(rep_id__in=self.rep_ids)
        if self.source:
            calls = calls.filter(source=self.source)
        return calls

    @cached_property
    def meetings(self) -> QuerySet[Appointment]:
        """The meetings that should be over."""
        return self.booked.filter(ends_at__lte=timezone.now())

    @cached_property
    def booked(self) -> QuerySet[Appointment]:
        """The meetings, over or not; there are none behind what Fathom recorded."""
        meetings = access.appointments_for(self.user, self.organization_id).order_by()
        if self.source == Call.Source.FATHOM:
            return meetings.none()
        if self.team_id:
            meetings = meetings.filter(team_id=self.team_id)
        if self.rep_ids:
            closers: Any = SalesRep.objects.filter(pk__in=self.rep_ids, member_id__isnull=False)
            meetings = meetings.filter(closer_id__in=closers.values("member_id"))
        return meetings
