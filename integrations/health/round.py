"""Every fifteen minutes: a test of each integration that is switched on, and what it says of them
and their hosts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from core import runs, vendors
from core.errors import BadCredentials, RateLimited
from core.runs.attempt import Work
from integrations import registry, services
from integrations.health import outages
from integrations.health.outages import Look
from integrations.models import Integration

AT_ONCE: Final = 16
logger = structlog.get_logger(__name__)

KIND: Final = runs.Kind(
    "integrations.health",
    _("Health of integrations"),
    work="integrations.health.round.work",
    words={
        "asked": _("Asked"),
        "working": _("Working"),
        "no_answer": _("No answer"),
        "bad_key": _("Key refused"),
        "failed": _("Failed"),
        "busy": _("Not asked: too many calls"),
        "not_looked_at": _("Not looked at: a fault of ours"),
    },
    so_far=("asked",),
)


def start(*, trigger: str, started_by: Any = None) -> runs.Started:
    """Return the run of a round, or the one that is under way."""
    return runs.start(KIND, trigger=trigger, started_by=started_by)


def work(run: Work) -> None:
    """Test all of them, and settle what is wrong."""
    if run.start_from:
        # An attempt that reported and died before its end has done all.
        return
    rows = (
        Integration.objects.filter(is_active=True)
        .select_related("account", "organization")
        .order_by("pk")
    )
    integrations = in_turn(row for row in rows if registry.find(row.provider) is not None)
    run.progress(total=len(integrations))
    looks = list(_look_at_all(integrations))
    outages.settle(
        look for look in looks if not registry.provider_of(look.integration).has_own_incidents
    )
    outcomes = Counter(_outcome(look) for look in looks)
    with transaction.atomic():
        run.progress(done=len(looks))
        run.add(counts={"asked": len(looks)}, outcomes=dict(outcomes))
        run.checkpoint({"reported": True})
    run.must_add_up("asked")


def in_turn(rows: Iterable[Integration]) -> list[Integration]:
    """Return the first of each organization, then the second of each:
    nobody waits for all of another's slow hosts.
    """
    seen: Counter[UUID] = Counter()
    ranked = []
    for row in rows:
        ranked.append((seen[row.organization_id], row))
        seen[row.organization_id] += 1
    return [row for _rank, row in sorted(ranked, key=itemgetter(0))]


def _look_at_all(integrations: list[Integration]) -> Iterator[Look]:
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        yield from pool.map(_look, integrations)


def _look(integration: Integration) -> Look:
    """Test one. A fault of ours is written down, and keeps nobody else from their turn."""
    try:
        values = vendors.current(integration.account)
        place = outages.place_of(integration, values)
        result = services.check(integration, by="health")
        return Look(
            integration, place, result.failure, known=not isinstance(result.failure, RateLimited)
        )
    except Exception:  # Whatever it is, the other integrations must have their turn.
        logger.exception("integration_not_checked", integration=str(integration.pk))
        return Look(integration, outages.Place(integration.provider), known=False)
    finally:
        connections.close_all()


def _outcome(look: Look) -> str:
    failure = look.failure
    if isinstance(failure, RateLimited):
        return "busy"
    if not look.known:
        return "not_looked_at"
    if failure is None:
        return "working"
    if isinstance(failure, BadCredentials):
        return "bad_key"
    if look.is_outage:
        return "no_answer"
    return "failed"
