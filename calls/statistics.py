"""What an organization is told of its calls: how many, how long, how many were attended, how many can be played.

No technical figure is among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Exists, OuterRef, Q

from calls.cuts import BEGUN, Cut, Span
from calls.models import Call, Recording
from calls.outcomes import Leads, Meetings, leads_counted, meetings_in
from crm.access import Viewer

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


@dataclass(frozen=True)
class Counted:
    """The calls of one span, and the leads who had them."""

    calls: int
    average_duration_seconds: int
    recordings: int
    leads: Leads

    def beside(self, meetings: Meetings) -> Statistics:
        """Return the four figures."""
        return Statistics(self.calls, self.average_duration_seconds, meetings.participation_rate, self.recordings)


def statistics(
    user: Viewer, since: datetime | None = None, until: datetime | None = None, organization_id: UUID | None = None
) -> Statistics:
    """Count the calls of a span.

    `since` belongs to the span, `until` does not; without them there is no limit on that side.
    """
    return of(Cut(user, organization_id), Span(since, until))


def of(cut: Cut, span: Span) -> Statistics:
    """Count what is in a cut, in a span."""
    [counted], _more = count(cut, [span])
    return counted.beside(meetings_in(cut, span))


def count(cut: Cut, spans: Sequence[Span], **more: Any) -> tuple[list[Counted], dict[str, Any]]:
    """Count the calls of several spans, and `more` of them, in one statement."""
    wanted: dict[str, Any] = {}
    every = Q(pk__in=())
    for number, span in enumerate(spans):
        now = span.of("happened_at")
        every = every | now if now else Q()
        wanted |= {f"{name}_{number}": aggregate for name, aggregate in _aggregates(now).items()}
    found = cut.calls.filter(every).aggregate(**wanted, **more)
    return [_counted(found, number) for number in range(len(spans))], {name: found[name] for name in more}


def _aggregates(now: Q) -> dict[str, Any]:
    return {
        "calls": Count("pk", filter=now & BEGUN),
        "seconds": Avg("duration_seconds", filter=now & Q(status=Call.Status.COMPLETED)),
        "recordings": Count("pk", filter=now & _playable()),
        **leads_counted(now & BEGUN),
    }


def _counted(found: dict[str, Any], number: int) -> Counted:
    return Counted(
        calls=found[f"calls_{number}"],
        average_duration_seconds=round(found[f"seconds_{number}"] or 0),
        recordings=found[f"recordings_{number}"],
        leads=Leads(found[f"won_{number}"], found[f"lost_{number}"], found[f"total_{number}"]),
    )


def _playable() -> Q:
    """Find those of which the library shows a recording that is available (`recording_of`),
    wherever it lies.
    """
    recordings = Recording.objects.filter(call=OuterRef("pk"))
    coming = recordings.filter(state__in=UNDER_WAY)
    at_fathom = Q(source=Call.Source.FATHOM) & ~Q(url="")
    native = Q(source=Call.Source.NATIVE) & Exists(recordings.filter(state=Recording.State.AVAILABLE)) & ~Exists(coming)
    return at_fathom | native
