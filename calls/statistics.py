"""What an organization is told of its calls: how many, how long, how many were attended, how many can be played.

No technical figure is among them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from calls.access import calls_for
from calls.models import Call, CallParticipant, Recording
from crm import access
from crm.access import Viewer
from crm.models import Appointment

UNDER_WAY = (Recording.State.STARTING, Recording.State.ACTIVE, Recording.State.PROCESSING)


@dataclass(frozen=True)
class Statistics:
    """Of the calls that a person may see, in a span of time."""

    # Calls that began: a call that nobody came to does not count.
    total_calls: int
    # The average of those that are over; 0 when none is.
    average_duration_seconds: int
    # The part of the meetings due that at least two people attended; None when none was due.
    participation_rate: float | None
    # Calls of which something can be played, with us or at Fathom.
    recordings_available: int


def statistics(
    user: Viewer, since: datetime | None = None, until: datetime | None = None, organization_id: UUID | None = None
) -> Statistics:
    """Count the calls of a span.

    `since` belongs to the span, `until` does not; without them there is no limit on that side.
    """
    calls = _within(calls_for(user, organization_id), "happened_at", since, until)
    figures = calls.order_by().aggregate(
        total=Count("pk", filter=Q(started_at__isnull=False)),
        average=Avg("duration_seconds", filter=Q(status=Call.Status.COMPLETED)),
    )
    return Statistics(
        total_calls=figures["total"],
        average_duration_seconds=round(figures["average"] or 0),
        participation_rate=_participation(user, since, until, organization_id),
        recordings_available=_playable(calls).count(),
    )


def _playable(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Keep those of which the library shows a recording that is available (`recording_of`),
    wherever it lies.
    """
    recordings = Recording.objects.filter(call=OuterRef("pk"))
    coming = recordings.filter(state__in=UNDER_WAY)
    at_fathom = Q(source=Call.Source.FATHOM) & ~Q(url="")
    native = Q(source=Call.Source.NATIVE) & Exists(recordings.filter(state=Recording.State.AVAILABLE)) & ~Exists(coming)
    return calls.filter(at_fathom | native)


def _participation(
    user: Viewer, since: datetime | None, until: datetime | None, organization_id: UUID | None
) -> float | None:
    """Return which part of the meetings that should be over was attended by at least two people.

    Cancelled meetings are left out.
    """
    due = access.appointments_for(user, organization_id).filter(ends_at__lte=timezone.now())
    due = _within(due.exclude(status=Appointment.Status.CANCELLED), "starts_at", since, until)
    # Two stays, or two devices, of one person are one person.
    who = Coalesce(Cast(F("user_id"), CharField()), F("identity"))
    people = (
        CallParticipant.objects.filter(call__appointment=OuterRef("pk"), joined_at__isnull=False)
        .exclude(kind=CallParticipant.Kind.RECORDER)
        .order_by()
        .values("call_id")
        .annotate(n=Count(who, distinct=True))
        .values("n")
    )
    counted = (
        due.order_by()
        .annotate(people=Subquery(people))
        .aggregate(due=Count("pk"), attended=Count("pk", filter=Q(people__gte=2)))
    )
    if not counted["due"]:
        return None
    return round(counted["attended"] / counted["due"], 4)


def _within(rows: QuerySet[Any], field: str, since: datetime | None, until: datetime | None) -> QuerySet[Any]:
    if since is not None:
        rows = rows.filter(**{f"{field}__gte": since})
    if until is not None:
        rows = rows.filter(**{f"{field}__lt": until})
    return rows
