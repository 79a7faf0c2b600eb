"""How a person's integrations did in a span of days: calls, failures, response times,
from the log of calls.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.outgoing import Hour, days
from integrations.models import Integration

MOST_DAYS: Final = 90
USUAL_DAYS: Final = 30
DAY: Final = timedelta(days=1)
BACKWARDS: Final = _("The first day is after the last, or has not come yet.")


@dataclass(frozen=True, slots=True)
class Share:
    """What one integration had of the calls."""

    integration: Integration
    calls: Hour


@dataclass(frozen=True, slots=True)
class Analytics:
    """All calls of the span, each day of it, and each integration; the busiest first."""

    first: date
    last: date
    total: Hour
    days: Sequence[Hour] = ()
    shares: Sequence[Share] = field(default_factory=list)


def span(first: date | None, last: date | None) -> tuple[date, date]:
    """Return the days that are meant: the last thirty where none are named, ninety at most,
    none of the future.

    ValidationError where the first would be after the last.
    """
    last = min(last or date.max, timezone.now().date())
    first = first or days_before(last, USUAL_DAYS - 1)
    if first > last:
        raise ValidationError({"from": ValidationError(BACKWARDS, code="invalid")})
    return max(first, days_before(last, MOST_DAYS - 1)), last


def days_before(day: date, count: int) -> date:
    """Return the day so many days before, or the first that there is."""
    return date.fromordinal(max(1, day.toordinal() - count))


def analyse(integrations: Iterable[Integration], first: date, last: date) -> Analytics:
    """Add up the calls of these integrations."""
    rows = list(integrations)
    found = days.by_integration([row.pk for row in rows], first, last)
    count = (last - first).days + 1
    by_day = {
        first + DAY * number: Hour(days.start_of(first + DAY * number)) for number in range(count)
    }
    total = Hour(days.start_of(first))
    shares = []
    for row in rows:
        own = Hour(days.start_of(first))
        for day, calls in found.get(row.pk, {}).items():
            for summed in (own, total, by_day[day]):
                summed.add(calls.calls, calls.successes, calls.failures, calls.steps.items())
        shares.append(Share(row, own))
    shares.sort(key=lambda share: (-share.calls.calls, share.integration.name))
    return Analytics(first, last, total, list(by_day.values()), shares)
