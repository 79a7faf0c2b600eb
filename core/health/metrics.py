"""Numbers for Prometheus, the same whichever process is asked: counters live in Redis,
the rest is read when asked.

koppel_requests_total{method,route,status}
koppel_request_seconds{route} (histogram)
koppel_inbox_total{source,result}
koppel_inbox_events{status} (pending and failed now)
koppel_runs{state}
koppel_queue_depth{queue}
koppel_incidents_open{severity}
koppel_heartbeat_age_seconds{part,queue}
koppel_up{part}
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from core.health import counters, readiness
from core.health.heartbeats import ages, queues
from core.models import InboundEvent, Incident, Run
from core.redis import connection

BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request. The route, not the path: bounded in number, and without ids."""
    where = route or "(none)"
    counters.add("requests", _method(method), where, str(status))
    counters.add(
        "request_buckets", where, next((str(edge) for edge in BUCKETS if seconds <= edge), "+Inf")
    )
    counters.add("request_micros", where, by=round(seconds * 1e6))


def _method(method: str) -> str:
    # Anybody may invent methods: only the known ones become a label.
    if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        return method
    return "other"


class _Everything(Collector):
    """Reads Redis and the database at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("koppel_up", "Whether a part answers", labels=["part"])
        for part, state in readiness.check().items():
            up.add_metric([part], float(state["state"] == "ok"))
        yield up
        try:
            yield from _of_redis()
        except redis.RedisError:
            return


class _OfDatabase(Collector):
    def collect(self) -> Iterator[Metric]:
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '3s'")
            yield _gauge(
                "koppel_runs", "Open runs, and those made in the last 24 hours", "state", _runs()
            )
            waiting = InboundEvent.objects.filter(processing_status__in=["pending"]).order_by()
            yield _gauge(
                "koppel_inbox_events",
                "Deliveries not worked yet",
                "status",
                {"pending": waiting.count()},
            )
            opened = Incident.objects.filter(closed_at=None).order_by().values_list("severity")
            yield _gauge(
                "koppel_incidents_open",
                "Open incidents",
                "severity",
                dict(opened.annotate(Count("pk"))),
            )


def _runs() -> dict[str, int]:
    recent = Run.objects.filter(pk__gte=_first_id(timezone.now() - timedelta(hours=24)))
    counted = dict.fromkeys(Run.State.values, 0)
    counted.update(
        dict(
            recent.exclude(state__in=Run.OPEN).order_by().values_list("state").annotate(Count("pk"))
        )
    )
    counted.update(
        dict(
            Run.objects.filter(state__in=Run.OPEN)
            .order_by()
            .values_list("state")
            .annotate(Count("pk"))
        )
    )
    return counted


def _first_id(moment: datetime) -> uuid.UUID:
    """Return the smallest version 7 id of a moment: the primary key finds what is newer."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def _gauge(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        gauge.add_metric([value], number)
    return gauge


def _of_redis() -> Iterator[Metric]:
    yield _counter(
        "koppel_requests", "Requests answered", "requests", ["method", "route", "status"]
    )
    yield _counter(
        "koppel_inbox",
        "Webhook deliveries by what became of them",
        "webhooks",
        ["source", "result"],
    )
    yield _histogram()
    depths = {queue: int(connection().llen(queue)) for queue in queues()}
    yield _gauge("koppel_queue_depth", "Messages waiting in the queue", "queue", depths)
    age = GaugeMetricFamily(
        "koppel_heartbeat_age_seconds", "Since the last sign of life", labels=["part", "queue"]
    )
    workers, beat = ages()
    found = {("worker", queue): seconds for queue, seconds in workers.items()} | {
        ("beat", ""): beat
    }
    for labels, seconds in found.items():
        if seconds is not None:
            age.add_metric(labels, seconds)
    yield age


def _counter(name: str, text: str, key: str, labels: list[str]) -> Metric:
    counter = CounterMetricFamily(name, text, labels=labels)
    for values, number in counters.read(key).items():
        counter.add_metric(list(values), number)
    return counter


def _histogram() -> Metric:
    histogram = HistogramMetricFamily("koppel_request_seconds", "Time to answer", labels=["route"])
    routes: dict[str, dict[str, int]] = {}
    for (route, edge), number in counters.read("request_buckets").items():
        routes.setdefault(route, {})[edge] = number
    micros = counters.read("request_micros")
    for route, buckets in routes.items():
        total, rows = 0, []
        for edge in [*map(str, BUCKETS), "+Inf"]:
            total += buckets.get(edge, 0)
            rows.append((edge, float(total)))
        histogram.add_metric([route], rows, micros.get((route,), 0) / 1e6)
    return histogram


def text() -> bytes:
    """Return everything, as Prometheus reads it.

    A part that is down is said to be down, and the rest is still told.
    """
    registry = CollectorRegistry()
    registry.register(_Everything())
    lines = generate_latest(registry)
    if readiness.check_database()["state"] != "ok":
        return lines
    registry = CollectorRegistry()
    registry.register(_OfDatabase())
    return lines + generate_latest(registry)


def may_read(authorization: str) -> bool:
    """Let `Bearer <METRICS_TOKEN>` alone read the numbers; with DEBUG and without a token,
    whoever reaches the port.
    """
    if not settings.METRICS_TOKEN:
        return bool(settings.DEBUG)
    return readiness.same(authorization, f"Bearer {settings.METRICS_TOKEN}")
