"""The four figures of a CEO, each against the period before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from calls import outcomes
from calls.models import Call
from crm.models import Appointment
from dashboard import periods
from dashboard.calls.breakdown_tables import FEW
from dashboard.calls.words import number, share
from dashboard.deltas import Delta, change
from dashboard.home import meetings
from dashboard.home.weeks import HELD, WON
from dashboard.periods import Period

PERIOD: Final = "30"


@dataclass(frozen=True)
class Figure:
    """One amount, how it changed, and where it leads."""

    label: str | Promise
    value: str
    delta: Delta | None
    href: str
    hint: str | Promise = ""


def of_month(seen: QuerySet[Appointment], heard: QuerySet[Call], now: datetime) -> list[Figure]:
    """Count calls, wins, shows and bookings of the last 30 days, in two queries."""
    period = periods.named(PERIOD)
    before = period.before()
    called, met = _calls(heard, period, before, now), _meetings(seen, period, before, now)
    than = period.before_in_words()
    statistics = f"{reverse('dashboard:call_statistics')}?period={PERIOD}"
    booked = meetings.listed(period=PERIOD, days="booked")
    shows = [_rate(met, "now"), _rate(met, "then")]
    return [
        Figure(
            _("Calls"),
            number(called["now"]),
            change(called["now"], called["then"], than=than),
            statistics,
        ),
        Figure(
            _("Won"),
            number(called["won_now"]),
            change(called["won_now"], called["won_then"], than=than),
            statistics,
        ),
        Figure(
            _("Show rate"),
            in_words(shows[0]),
            change(*shows, than=than),
            statistics,
            why_none(shows[0]),
        ),
        Figure(
            _("Booked"),
            number(met["booked_now"]),
            change(met["booked_now"], met["booked_then"], than=than),
            booked,
        ),
    ]


def _within(field: str, period: Period, now: datetime) -> Q:
    since, until = period.since or now, min(period.until or now, now)
    return Q(**{f"{field}__gte": since, f"{field}__lt": until})


def _calls(heard: QuerySet[Call], period: Period, before: Period, now: datetime) -> dict[str, Any]:
    current, earlier = _within("happened_at", period, now), _within("happened_at", before, now)
    recent = heard.filter(HELD, happened_at__gte=before.since, happened_at__lt=now).order_by()
    return recent.aggregate(
        now=Count("pk", filter=current),
        then=Count("pk", filter=earlier),
        won_now=Count("pk", filter=current & WON),
        won_then=Count("pk", filter=earlier & WON),
    )


def _meetings(
    seen: QuerySet[Appointment], period: Period, before: Period, now: datetime
) -> dict[str, Any]:
    current, earlier = _within("starts_at", period, now), _within("starts_at", before, now)
    recent = seen.filter(
        Q(starts_at__gte=before.since, starts_at__lt=now) | Q(created_at__gte=before.since)
    ).order_by()
    return recent.alias(**outcomes.judged()).aggregate(
        **rated("now", current, now),
        **rated("then", earlier, now),
        booked_now=Count("pk", filter=_within("created_at", period, now)),
        booked_then=Count("pk", filter=_within("created_at", before, now)),
    )


def rated(name: str, wanted: Q, now: datetime) -> dict[str, Count]:
    """Return what counts the meetings of a show rate, as statistics do: of those that should be
    over, how many were held and how many missed.
    """
    over = wanted & Q(ends_at__lte=now)
    return {
        f"completed_{name}": Count("pk", filter=over & Q(became=outcomes.COMPLETED)),
        f"missed_{name}": Count("pk", filter=over & Q(became=outcomes.NO_SHOW)),
    }


def _rate(met: dict[str, Any], when: str) -> float | None:
    return rate(met[f"completed_{when}"], met[f"missed_{when}"])


def rate(completed: int, missed: int) -> float | None:
    """Return the share that was held; None of too few to say one, as on the page of statistics."""
    known = completed + missed
    if known < FEW:
        return None
    return completed / known


def why_none(share_of_those: float | None) -> str:
    """Say why a rate is a dash."""
    if share_of_those is None:
        return _("too few meetings for a rate")
    return ""


def in_words(rate: float | None) -> str:
    """Return "87 %"; a dash where nothing is known."""
    if rate is None:
        return "–"
    return share(rate)
