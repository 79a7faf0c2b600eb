"""Starting long work: one answer for a button, the API, a command, the clock and a webhook.

A wish that an open run of the same kind and subject does already joins that run. Any other gets a
run of its own; it waits for its turn where the kind has a lock. Two that wish the same at once get
one run: its key is unique among the open ones.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.models import Run
from core.queue import jobs
from core.runs import kinds
from core.runs.kinds import Kind, Wish

# The one task that works all kinds.
TASK: Final = "core.work_run"
# With the kind's key before it, it fits the column of lanes too.
LONGEST_KEY: Final = 130


class Started(NamedTuple):
    """The run that does what was asked for, and whether it was made for that;
    else the caller has joined it.
    """

    run: Run
    is_new: bool

    @property
    def waits(self) -> bool:
        """Whether it is new and another goes first."""
        return self.is_new and ahead_of(self.run).exists()

    @property
    def message(self) -> str:
        """What whoever asked is told."""
        return message([self])


def message(started: Sequence[Started]) -> str:
    """Return what whoever asked for several is told: what matters most to them."""
    kind = kinds.find(started[0].run.kind)
    if kind is None:
        return ""
    new = [each for each in started if each.is_new]
    if not new:
        return str(kind.joined)
    if all(each.waits for each in new):
        return str(kind.waits)
    return str(kind.started)


def start(
    kind: Kind,
    subject: models.Model | None = None,
    wish: Wish | None = None,
    *,
    organization_id: UUID | None = None,
    started_by: Any = None,
    trigger: str = "",
    total: int | None = None,
    parent: Run | None = None,
) -> Started:
    """Return a queued run for this wish, or the open one that does all of it.

    A run that is asked to stop is joined by nobody; a new one waits for its end all the same.
    The run is queued once the caller's transaction is committed.
    """
    # As the column gives them back: a tuple would never be equal to the list that was stored.
    parameters = orjson.loads(_written(wish))
    lock_key = _lock_key(subject, parameters) if kind.once else ""
    while True:
        under_way = _that_does(kind, subject, parameters) if kind.once else None
        if under_way is not None:
            return Started(under_way, is_new=False)
        run = Run(
            kind=kind.key,
            subject_type=subject._meta.label_lower if subject else "",
            subject_id=subject.pk if subject else None,
            lock_key=lock_key,
            lane=_lane(kind, subject, lock_key),
            organization_id=organization_id,
            started_by=started_by,
            trigger=trigger,
            parameters=parameters,
            progress_total=total,
            parent=parent,
            heartbeat_at=timezone.now(),
        )
        try:
            with transaction.atomic():
                run.save(force_insert=True)
        except IntegrityError:
            # Another start was first, and is committed: an insert waits for that.
            # It may be over by now.
            under_way = _with_key(kind, lock_key)
            if under_way is not None:
                return Started(under_way, is_new=False)
            continue
        send(run)
        return Started(run, is_new=True)


def send(run: Run) -> None:
    """Queue the run's job after the commit."""
    kind = kinds.find(run.kind)
    queue = None
    if kind:
        queue = kind.queue
    jobs.after_commit(TASK, str(run.pk), queue=queue)


def ahead_of(run: Run) -> QuerySet[Run]:
    """Return the open runs that this one waits for, the first one first."""
    if not run.lane:
        return Run.objects.none()
    return of_its_lane(run.lane, run.pk).order_by("pk")


def of_its_lane(lane: Any, run_id: Any) -> QuerySet[Run]:
    """Return what is open in a lane and comes before this run."""
    before = Q(pk__lt=run_id) | Q(state=Run.State.RUNNING)
    return (
        Run.objects.filter(before, lane=lane, state__in=Run.OPEN)
        .exclude(lane="")
        .exclude(pk=run_id)
    )


def _that_does(kind: Kind, subject: models.Model | None, wish: Wish) -> Run | None:
    """Return the oldest open run that does all of the wish."""
    under_way = Run.objects.filter(
        kind=kind.key,
        subject_id=subject.pk if subject else None,
        state__in=Run.OPEN,
        cancel_requested=False,
    )
    for run in under_way.order_by("pk"):
        if kind.covers(run.parameters, wish):
            return run
    return None


def _with_key(kind: Kind, lock_key: str) -> Run | None:
    """Return the open run that has this key: it was asked for the same,
    whatever its kind covers.
    """
    under_way = Run.objects.filter(kind=kind.key, state__in=Run.OPEN, cancel_requested=False)
    return under_way.filter(lock_key=lock_key).first()


def _written(wish: Wish | None) -> bytes:
    """Return the wish as JSON: of two wishes that differ, these differ too."""
    return orjson.dumps(dict(wish or {}), option=orjson.OPT_SORT_KEYS)


def _lock_key(subject: models.Model | None, wish: Wish) -> str:
    key = f"{subject.pk if subject else ''}:{_written(wish).decode()}"
    if len(key) <= LONGEST_KEY:
        return key
    return hashlib.sha256(key.encode()).hexdigest()


def _lane(kind: Kind, subject: models.Model | None, lock_key: str) -> str:
    if kind.lock:
        if subject:
            return f"{kind.lock}:{subject.pk}"
        return kind.lock
    if lock_key:
        return f"{kind.key}:{lock_key}"
    return ""
