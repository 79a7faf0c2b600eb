"""The admin's home page: is it well, what is wrong, what is running,
what came in and went out today.

Every number is cheap at any size: hours that are over are counted once and remembered, what is
waiting or failed comes from indexes of just that, and two seconds is the longest that the page
looks for a number.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from core.admin import site
from core.admin.runs import how_far
from core.health import readiness
from core.models import ApiCall, InboundEvent, Incident, Run
from core.runs import kinds
from core.words.pills import pill
from core.words.states import word

HOURS: Final = 24
LONGEST_LOOK_MS: Final = 2_000
# The call log is written in batches: an hour is final a while after its end.
SETTLED: Final = timedelta(minutes=10)
COUNTED_TO: Final = 10_000
CHART_HEIGHT: Final = 96
PARTS: Final = {
    "database": "database",
    "keys": "key",
    "redis": "memory",
    "worker": "engineering",
    "beat": "schedule",
}

# From the foot of a bar up. A neutral answer is one that the caller takes, and yet no success.
OUTCOMES: Final[dict[str, bool | None]] = {"good": True, "neutral": None, "bad": False}

Counts = dict[str, int]


@dataclass(frozen=True)
class Bar:
    """One hour of the chart: where its three pieces stand, and what is said of it."""

    x: int
    good_y: float
    good_height: float
    neutral_y: float
    neutral_height: float
    bad_y: float
    bad_height: float
    text: str


@dataclass(frozen=True)
class Card:
    """What a later app shows on this page: to whom, in which template,
    and where its numbers come from.
    """

    template: str
    permission: str
    look: Callable[[], dict[str, Any]]


_cards: list[Card] = []


def add(card: Card) -> None:
    """Show a card of a later app; it is counted no longer than any other number."""
    _cards.append(card)


def context(request: HttpRequest, page: dict[str, Any]) -> dict[str, Any]:
    """Return what templates/admin/index.html shows (settings.UNFOLD: DASHBOARD_CALLBACK);
    each person his part.
    """
    now = timezone.now()
    may = request.user.has_perm
    page["title"] = _("Overview")
    page["health"] = _health()
    if may("core.view_incident"):
        page["incidents"] = list(
            Incident.objects.filter(closed_at=None).order_by("severity", "-opened_at")[:5]
        )
        page["incidents_open"] = Incident.objects.filter(closed_at=None)[: site.MANY + 1].count()
    if may("core.view_run"):
        page["runs"] = _runs()
    if may("core.view_inboundevent"):
        page["deliveries"] = _in_time(lambda: deliveries_today(now))
    if may("core.view_apicall"):
        page["calls"] = _in_time(lambda: chart(calls_by_hour(now), now))
    page["cards"] = [
        (card.template, _in_time(card.look)) for card in _cards if may(card.permission)
    ]
    return page


def _health() -> list[dict[str, Any]]:
    names = {
        "database": _("Database"),
        "keys": _("Encryption keys"),
        "redis": _("Queue"),
        "worker": _("Worker"),
        "beat": _("Timetable"),
    }
    return [
        {
            "icon": PARTS[part],
            "name": names[part],
            "pill": pill("answering")
            if found["state"] == "ok"
            else pill("not_answering", _missing(found)),
        }
        for part, found in readiness.check().items()
    ]


def _missing(found: readiness.Part) -> str:
    """Say that it does not answer; of several queues also which one has no worker."""
    by_queue = found.get("queues", {})
    without = [name for name, part in by_queue.items() if part["state"] != "ok"]
    reason = str(word("not_answering"))
    if len(without) == len(by_queue):
        return reason
    return f"{reason}: {', '.join(without)}"


def _runs() -> list[dict[str, Any]]:
    runs = Run.objects.defer("parameters", "evidence", "checkpoint").order_by("-created_at", "-id")[
        :6
    ]
    return [
        {
            "run": run,
            "name": kinds.name_of(run.kind),
            "pill": pill(run.state),
            "how_far": how_far(run),
        }
        for run in runs
    ]


def _in_time(look: Callable[[], Any]) -> Any:
    """Return what `look` finds, or None when it takes too long:
    a slow number must not hold up the page.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_LOOK_MS}")
            return look()
    except OperationalError:
        return None


def calls_by_hour(now: datetime) -> dict[datetime, Counts]:
    """Return outgoing calls of the last 24 hours: good, neutral and bad, by hour."""
    counts = {name: Count("id", filter=Q(success=success)) for name, success in OUTCOMES.items()}
    return _by_hour("outcomes", ApiCall.objects.all(), "created_at", now, counts)


def deliveries_today(now: datetime) -> list[dict[str, Any]]:
    """Return webhook deliveries of the last 24 hours by status.

    Waiting and failed ones are counted now, in indexes of just those; how many came, and how many
    of them are of no interest, no longer changes once an hour is over. The rest was processed.
    """
    counts = {"came": Count("id"), "ignored": Count("id", filter=Q(processing_status="ignored"))}
    hours = _by_hour("deliveries", InboundEvent.objects.all(), "received_at", now, counts)
    recent = InboundEvent.objects.filter(received_at__gte=min(hours))
    waiting, failed = (
        recent.filter(processing_status=status).order_by()[: COUNTED_TO + 1].count()
        for status in ("pending", "failed")
    )
    came, ignored = (sum(hour[name] for hour in hours.values()) for name in ("came", "ignored"))
    rows = (
        ("processed", max(0, came - ignored - waiting - failed)),
        ("pending", waiting),
        ("failed", failed),
        ("ignored", ignored),
    )
    return [
        {
            "status": status,
            "pill": pill(status),
            "count": min(count, COUNTED_TO) if status in {"pending", "failed"} else count,
            "more": status in {"pending", "failed"} and count > COUNTED_TO,
        }
        for status, count in rows
    ]


def chart(hours: dict[datetime, Counts], now: datetime) -> dict[str, Any]:
    """Return the hours as stacked bars, 10 wide each, and their sums."""
    top = max((sum(hour.values()) for hour in hours.values()), default=0) or 1
    good, neutral, bad = (sum(hour[name] for hour in hours.values()) for name in OUTCOMES)
    total = good + neutral + bad
    share = ""
    if total:
        share = f"{100 * good / total:.1f}".removesuffix(".0")
    return {
        "bars": [
            _bar(number, start, hour, top)
            for number, (start, hour) in enumerate(sorted(hours.items()))
        ],
        "width": 10 * len(hours),
        "height": CHART_HEIGHT,
        "total": total,
        "neutral": neutral,
        "bad": bad,
        "share": share,
        "first": min(hours),
        "last": now,
    }


def _bar(number: int, start: datetime, hour: Counts, top: int) -> Bar:
    good, neutral, bad = (CHART_HEIGHT * hour[name] / top for name in OUTCOMES)
    text = _("%(hour)s: %(good)d succeeded, %(neutral)d neutral, %(bad)d failed") % {
        "hour": timezone.localtime(start).strftime("%H:%M"),
        **hour,
    }
    good_y = CHART_HEIGHT - good
    neutral_y = good_y - neutral
    return Bar(10 * number, good_y, good, neutral_y, neutral, neutral_y - bad, bad, text)


def _by_hour(
    name: str, rows: QuerySet[Any], field: str, now: datetime, counts: dict[str, Any]
) -> dict[datetime, Counts]:
    """Return the counts of each of the last 24 hours; those that are over and settled are
    counted once and kept.
    """
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in reversed(range(HOURS))]
    keys = {hour: f"admin-home:{name}:{hour:%Y%m%d%H}" for hour in hours}
    kept = _kept(keys.values())
    found = {hour: kept[key] for hour, key in keys.items() if key in kept}
    missing = [hour for hour in hours if hour not in found]
    fresh = rows.filter(**{f"{field}__gte": missing[0]}).order_by()
    fresh = fresh.annotate(hour=TruncHour(field, tzinfo=UTC)).values("hour").annotate(**counts)
    counted = {row.pop("hour"): row for row in fresh}
    found |= {hour: counted.get(hour, dict.fromkeys(counts, 0)) for hour in missing}
    settled = [hour for hour in missing if hour + timedelta(hours=1) + SETTLED < now]
    _keep({keys[hour]: found[hour] for hour in settled})
    return dict(sorted(found.items()))


def _kept(keys: Iterable[str]) -> dict[str, Counts]:
    try:
        return cache.get_many(keys)
    except RedisError:  # the page that says that Redis is missing must open without it
        return {}


def _keep(counts: dict[str, Counts]) -> None:
    try:
        cache.set_many(counts, timeout=(HOURS + 1) * 3600)
    except RedisError:
        return
