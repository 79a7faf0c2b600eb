"""What became of meetings and of leads: held, missed, cancelled; won and lost.
A rate never comes without its base.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from calls.cuts import Cut, Span
from calls.models import CallParticipant
from crm.models import Appointment, Lead

COMPLETED, NO_SHOW, CANCELLED, OPEN = "completed", "no_show", "cancelled", "open"
SETTLED: Final[dict[str, str]] = {
    Appointment.Status.CANCELLED: CANCELLED,
    Appointment.Status.NO_SHOW: NO_SHOW,
    Appointment.Status.COMPLETED: COMPLETED,
}
# A meeting was held when two came, whether or not anybody said so.
TWO: Final = 2


@dataclass(frozen=True)
class Meetings:
    """Meetings that should be over. Of those that are `open` nobody said what became of them,
    and no two came.

    `attended` are those to which two came, whatever was said of them; of the cancelled none count.
    """

    completed: int = 0
    no_show: int = 0
    cancelled: int = 0
    open: int = 0
    attended: int = 0

    @property
    def participation_rate(self) -> float | None:
        """Return which part of those that were not cancelled two people attended."""
        return share(self.attended, self.total - self.cancelled)

    @property
    def total(self) -> int:
        return self.completed + self.no_show + self.cancelled + self.open

    @property
    def shown_of(self) -> int:
        """Return of how many the show rate is."""
        return self.completed + self.no_show

    @property
    def show_rate(self) -> float | None:
        """Return which part of those that were held or missed was held."""
        return share(self.completed, self.shown_of)

    def __add__(self, other: "Meetings") -> "Meetings":
        return Meetings(
            self.completed + other.completed,
            self.no_show + other.no_show,
            self.cancelled + other.cancelled,
            self.open + other.open,
            self.attended + other.attended,
        )


@dataclass(frozen=True)
class Leads:
    """The leads who had a call in a span, as they stand now."""

    won: int = 0
    lost: int = 0
    total: int = 0

    @property
    def decided(self) -> int:
        """Return of how many the win rate is."""
        return self.won + self.lost

    @property
    def open(self) -> int:
        return self.total - self.decided

    @property
    def win_rate(self) -> float | None:
        """Return which part of those that were won or lost was won."""
        return share(self.won, self.decided)


def share(part: int, whole: int) -> float | None:
    """Return a part as a share from 0 to 1; None of nothing."""
    if not whole:
        return None
    return round(part / whole, 4)


def meetings_in(cut: Cut, span: Span) -> Meetings:
    """Count the meetings of a span by what became of them."""
    wanted = span.of("starts_at")
    return sum((found for _keys, found in meetings_by(cut, wanted)), Meetings())


def meetings_by(cut: Cut, wanted: Q, **keys: Any) -> Iterator[tuple[tuple[Any, ...], Meetings]]:
    """Count those that are wanted apart by these expressions;
    rows of the same ones belong together.
    """
    came = Case(When(people__gte=TWO, then=True), default=False, output_field=BooleanField())
    due = cut.meetings.filter(wanted).alias(people=Subquery(_people()))
    rows = (
        due.annotate(came=came, **keys)
        .values_list("status", "came", *keys)
        .annotate(count=Count("pk"))
    )
    for status, two_came, *values, count in rows:
        name = _became(status, two_came=two_came)
        attended = count * (two_came and name != CANCELLED)
        yield tuple(values), Meetings(**{name: count}, attended=attended)


def judged() -> dict[str, Any]:
    """Return what says of a meeting how many `people` came, and what it `became`:
    `_became` in SQL, to filter by.
    """
    settled = [When(status=status, then=Value(name)) for status, name in SETTLED.items()]
    two_came = When(people__gte=TWO, then=Value(COMPLETED))
    became = Case(*settled, two_came, default=Value(OPEN), output_field=CharField())
    return {"people": Subquery(_people()), "became": became}


def _became(status: str, *, two_came: bool) -> str:
    """Return what became of a meeting: what was said of it; else whether two came."""
    if status in SETTLED:
        return SETTLED[status]
    if two_came:
        return COMPLETED
    return OPEN


def _people() -> Any:
    """Count who was in the call of a meeting."""
    # Two stays, or two devices, of one person are one person.
    who = Coalesce(Cast(F("user_id"), CharField()), F("identity"))
    return (
        CallParticipant.objects.filter(call__appointment=OuterRef("pk"), joined_at__isnull=False)
        .exclude(kind=CallParticipant.Kind.RECORDER)
        .order_by()
        .values("call_id")
        .annotate(n=Count(who, distinct=True))
        .values("n")
    )


def leads_counted(among: Q) -> dict[str, Count]:
    """Return what counts the leads of calls: each once, however many calls they had."""
    states = {
        "won": Q(lead__status=Lead.Status.WON),
        "lost": Q(lead__status=Lead.Status.LOST),
        "total": Q(),
    }
    return {
        name: Count("lead_id", distinct=True, filter=(among & state) or None)
        for name, state in states.items()
    }
