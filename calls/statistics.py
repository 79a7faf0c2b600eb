"""What an organization is told of its calls: how many, how long, how many were attended,
how many can be played.

No technical figure is among them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Avg, Case, Count, Exists, OuterRef, Q, When

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
        return Statistics(
            self.calls, self.average_duration_seconds, meetings.participation_rate, self.recordings
        )


NOTHING: Final = Counted(0, 0, 0, Leads())


def statistics(
    user: Viewer,
    since: datetime | None = None,
    until: datetime | None = None,
    organization_id: UUID | None = None,
) -> Statistics:
    """Count the calls of a span.

    `since` belongs to the span, `until` does not; without them there is no limit on that side.
    """
    return of(Cut(user, organization_id), Span(since, until))


def of(cut: Cut, span: Span) -> Statistics:
    """Count what is in a cut, in a span."""
    counted, _before, _more = count(cut, span)
    return counted.beside(meetings_in(cut, span))


def count(
    cut: Cut, span: Span, before: Span | None = None, **more: Any
) -> tuple[Counted, Counted, dict[str, Any]]:
    """Count the calls of a span and of the one before, and `more` of the span, in one statement."""
    wanted: dict[str, Any] = {
        "calls": Count("pk", filter=BEGUN),
        "seconds": Avg("duration_seconds", filter=Q(status=Call.Status.COMPLETED)),
        "recordings": Count("pk", filter=_playable()),
        **leads_counted(BEGUN),
        **more,
    }
    if before is None:
        return _counted(cut.calls.filter(span.of("happened_at")).aggregate(**wanted)), NOTHING, {}
    beside = span.beside(before, "happened_at")
    rows: Any = cut.calls.filter(beside.both).annotate(
        is_before=Case(When(beside.before, then=True), default=False)
    )
    found = {row["is_before"]: row for row in rows.values("is_before").annotate(**wanted)}
    counted = [_counted(found[part]) if part in found else NOTHING for part in (False, True)]
    return counted[0], counted[1], {name: found.get(False, {}).get(name, 0) for name in more}


def _counted(found: dict[str, Any]) -> Counted:
    return Counted(
        calls=found["calls"],
        average_duration_seconds=round(found["seconds"] or 0),
        recordings=found["recordings"],
        leads=Leads(found["won"], found["lost"], found["total"]),
    )


def _playable() -> Q:
    """Find those of which the library shows a recording that is available (`recording_of`),
    wherever it lies.
    """
    recordings = Recording.objects.filter(call=OuterRef("pk"))
    coming = recordings.filter(state__in=UNDER_WAY)
    at_fathom = Q(source=Call.Source.FATHOM) & ~Q(url="")
    native = (
        Q(source=Call.Source.NATIVE)
        & Exists(recordings.filter(state=Recording.State.AVAILABLE))
        & ~Exists(coming)
    )
    return at_fathom | native
