"""A sync of every account for a clock outside: started, waited for, and added up."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max

from core.models import Run
from fathom_sync.meetings import deciding, storing
from fathom_sync.models import FathomAccount
from fathom_sync.syncs import sync

POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Sum:
    """What all the runs did together. Skipped are also those that were here already,
    as the old system counted them.
    """

    success: bool
    processed: int
    imported: int
    updated: int
    skipped: int
    errors: int
    outcomes: dict[str, int]
    last_sync_time: datetime | None
    run_id: UUID | None
    error: str


@dataclass(frozen=True, slots=True)
class Round:
    """The runs of one call of the clock.

    `are_over`: all of them ended in time; `has_joined`: one of them was open already;
    `has_queued`: one had to wait for another that was open.
    """

    runs: list[Run]
    are_over: bool
    has_joined: bool
    has_queued: bool


def run_all(hours: int | None, wait: float, trigger: str) -> Round:
    """Start a run of every account, and wait for `wait` seconds at most."""
    deadline = time.monotonic() + wait
    started = sync.start_all(hours=hours, trigger=trigger)
    ids = [each.run.pk for each in started]
    has_joined = any(not each.is_new for each in started)
    has_queued = any(each.waits for each in started)
    while True:
        runs = list(Run.objects.filter(pk__in=ids).order_by("created_at", "pk"))
        are_over = all(run.state not in Run.OPEN for run in runs)
        seconds_left = deadline - time.monotonic()
        if are_over or seconds_left <= 0:
            return Round(runs, are_over, has_joined, has_queued)
        time.sleep(min(POLL_SECONDS, seconds_left))


def add_up(done: Sequence[Run]) -> Sum:
    """Add up what the runs did: processed = imported + updated + skipped + errors."""
    outcomes: Counter[str] = Counter()
    for run in done:
        outcomes.update(run.outcomes)
    skipped = sum(count for name, count in outcomes.items() if name.startswith(deciding.SKIPPED))
    errors = sum(count for name, count in outcomes.items() if name.startswith(deciding.ERROR))
    last = FathomAccount.objects.aggregate(last=Max("last_synced_at"))["last"]
    return Sum(
        success=all(run.state == Run.State.SUCCEEDED for run in done),
        processed=sum(run.counts.get("processed", 0) for run in done),
        imported=outcomes[storing.IMPORTED],
        updated=outcomes[storing.UPDATED],
        skipped=skipped + outcomes[storing.DUPLICATE],
        errors=errors,
        outcomes=dict(outcomes),
        last_sync_time=last,
        run_id=done[0].pk if done else None,
        error=next((run.why for run in done if run.error), ""),
    )
