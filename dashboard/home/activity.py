"""The runs of the last day: a square for each hour, and how they ended."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.models import Run
from core.words.states import look
from dashboard.signs import Square

# Which of several runs speaks for their hour.
WORST_FIRST = ("failed", "incomplete", "running", "queued", "succeeded", "cancelled")
Ended = dict[datetime, dict[str, int]]


def ended_by_hour(runs: QuerySet[Run]) -> Ended:
    """Count how many of the runs begun in each of the last 24 hours are in which state."""
    found: Ended = {}
    recent = runs.filter(pk__gte=_first_id(timezone.now() - timedelta(hours=24)))
    by_hour = (
        recent.annotate(hour=TruncHour("created_at"))
        .values_list("hour", "state")
        .annotate(count=Count("pk"))
    )
    for hour, state, count in by_hour.order_by():
        found.setdefault(hour, {})[state] = count
    return found


def sums(ended: Ended) -> dict[str, int]:
    """Return how many of them are running, and how many ended which way;
    states without any are left out.
    """
    names = ("running", "succeeded", "incomplete", "failed")
    counted = {name: sum(states.get(name, 0) for states in ended.values()) for name in names}
    return {name: count for name, count in counted.items() if count}


def squares(ended: Ended) -> list[Square]:
    """Return a square for each of the last 24 hours: as bad as the worst run that began in it."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    hours = [now - timedelta(hours=ago) for ago in reversed(range(24))]
    found = {timezone.localtime(hour): states for hour, states in ended.items()}
    return [_square(hour, found.get(hour, {})) for hour in hours]


def _square(hour: datetime, states: dict[str, int]) -> Square:
    clock = date_format(hour, "H:i")
    if not states:
        return Square(_("%(hour)s: no run") % {"hour": clock})
    words = ", ".join(f"{count} × {look(state).word}" for state, count in sorted(states.items()))
    worst = next((state for state in WORST_FIRST if state in states), "")
    query = ""
    if worst in ("failed", "incomplete"):
        query = f"?state={worst}"
    tone = ""
    if worst:
        tone = look(worst).tone
    return Square(f"{clock}: {words}", tone, f"{reverse('dashboard:runs')}{query}")


def _first_id(since: datetime) -> UUID:
    """Return the smallest id that a row made since then can have: ids sort by time (core.ids),
    and are indexed.
    """
    return UUID(int=int(since.timestamp() * 1000) << 80)
