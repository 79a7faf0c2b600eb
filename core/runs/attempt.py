"""One attempt at a run: what the worker that holds it may say about it.
Every write carries the attempt's number.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Case, F, JSONField, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest, Least, Now
from django.utils.translation import gettext_lazy as _

from core.models import Run
from core.runs import kinds
from core.words.sayings import Saying, Text

State = Run.State
# A page may ask for `cancelled` at every row: PostgreSQL is asked once a second.
CANCEL_SECONDS: Final = 1.0

STILL_MISSING: Final = _(
    "%(count)d that the vendor lists could not be fetched yet. The next run tries again."
)
DOES_NOT_ADD_UP: Final = _(
    "The numbers do not add up: %(accounted)d are accounted for of %(at_vendor)d at the vendor."
)
UNPROVED: Final = _("This came to its end, but nothing was compared with the vendor.")

_ADD: Final = """
UPDATE runs SET heartbeat_at = now(),
    counts = (SELECT COALESCE(jsonb_object_agg(name, number), '{}') FROM (
        SELECT name, sum(number) AS number FROM (
            SELECT key AS name, value::bigint AS number FROM jsonb_each_text(counts)
            UNION ALL
            SELECT key, value::bigint FROM jsonb_each_text(%(counts)s::jsonb)) AS both_sides
        GROUP BY name) AS sums),
    outcomes = (SELECT COALESCE(jsonb_object_agg(name, number), '{}') FROM (
        SELECT name, sum(number) AS number FROM (
            SELECT key AS name, value::bigint AS number FROM jsonb_each_text(outcomes)
            UNION ALL
            SELECT key, value::bigint FROM jsonb_each_text(%(outcomes)s::jsonb)) AS both_sides
        GROUP BY name) AS sums)
WHERE id = %(id)s AND state = 'running' AND attempts = %(attempt)s
"""
_EVIDENCE: Final = """
UPDATE runs SET evidence = evidence || %(evidence)s::jsonb
WHERE id = %(id)s AND state = 'running' AND attempts = %(attempt)s
"""


def columns(error: Saying | None) -> dict[str, Any]:
    """Return what a run keeps of what went wrong."""
    if error:
        return {"error": error.plain, "error_said": error.kept()}
    return {"error": "", "error_said": {}}


class LostRun(Exception):
    """The run is no longer this worker's: it was silent for too long and another has it."""


class Work:
    """What `runs.work` gives. Each call is one statement, atomic in SQL, and part of the caller's
    transaction if one is open: a page's rows, counts and checkpoint can be committed together."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._reason: Saying | None = None
        self._must_add_up: list[str] = []
        self._failure: Saying | None = None
        self._has_vouched = False
        self._stopping = False
        self._asked_at = 0.0

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.run.parameters)

    @property
    def subject_id(self) -> UUID:
        """The id of what the run is about."""
        subject_id = self.run.subject_id
        if subject_id is None:
            raise LookupError(f"Run {self.run.pk} is about nothing")
        return subject_id

    @property
    def start_from(self) -> dict[str, Any]:
        """The checkpoint that the last attempt left; empty on the first."""
        return dict(self.run.checkpoint)

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked for the run to stop. The block then returns,
        and the run ends as cancelled.
        """
        if not self._stopping and time.monotonic() - self._asked_at >= CANCEL_SECONDS:
            self._asked_at = time.monotonic()
            self._stopping = bool(self._mine().filter(cancel_requested=True).exists())
        return self._stopping

    def progress(
        self, *, done: int | None = None, total: int | None = None, reached: datetime | None = None
    ) -> None:
        """Say how far it is.

        `done` only ever grows, whatever order pages finish in;
        `reached`, of a walk back through time, only ever goes back.
        """
        changes: dict[str, Any] = {"heartbeat_at": Now()}
        if done is not None:
            changes["progress_done"] = Greatest(F("progress_done"), Value(done))
        if total is not None:
            changes["progress_total"] = total
        if reached is not None:
            changes["progress_reached"] = Least(
                Coalesce(F("progress_reached"), Value(reached)), Value(reached)
            )
        self._update(**changes)

    def add(
        self, *, counts: Mapping[str, int] | None = None, outcomes: Mapping[str, int] | None = None
    ) -> None:
        """Add to the run's counts and outcomes."""
        self._execute(_ADD, counts=dict(counts or {}), outcomes=dict(outcomes or {}))

    def checkpoint(self, place: Mapping[str, Any]) -> None:
        """Note where the next attempt goes on if this one dies.

        Whoever gets further than the last one is not in vain.
        """
        place_value = Value(dict(place), JSONField())
        self._update(
            attempts_in_vain=Case(
                When(checkpoint=place_value, then=F("attempts_in_vain")), default=Value(0)
            ),
            checkpoint=place_value,
            heartbeat_at=Now(),
        )

    def attempts_in_vain(self) -> int:
        """Return how many in a row, this one included, got no further."""
        return int(Run.objects.values_list("attempts_in_vain", flat=True).get(pk=self.run.pk))

    def evidence(self, **facts: Any) -> None:
        """Keep what proves the result, beside what earlier calls said."""
        self._execute(_EVIDENCE, evidence=facts)

    def incomplete(self, reason: Text, **facts: Any) -> None:
        """Say that the run did its work and cannot vouch for all of it.

        `reason`, by gettext_lazy, is for each reader.
        """
        self._reason = self._reason or Saying(reason, facts)

    def fail(self, reason: Text, **facts: Any) -> None:
        """End as failed once the block is over, whatever it did."""
        self._failure = Saying(reason, facts)

    def must_add_up(self, count: str) -> None:
        """Let the run be incomplete, and say by how much, where its outcomes do not sum up to this
        count at the end.
        """
        self._must_add_up.append(count)

    def vouch(
        self,
        *,
        at_vendor: int,
        in_koppel: int,
        left_out: Mapping[str, int] | None = None,
        missing: int = 0,
        still_missing: Text = STILL_MISSING,
        under: str = "ledger",
        **more: int,
    ) -> None:
        """Say what this run saw listed at the vendor, and what became of each of it.

        The run is incomplete where something of that is missing,
        or where the numbers do not add up.
        """
        left_out = left_out or {}
        numbers = {
            "at_vendor": at_vendor,
            "here": in_koppel,
            **left_out,
            "missing": missing,
            **more,
        }
        self.evidence(**{under: numbers})
        self._has_vouched = True
        if missing:
            self.incomplete(still_missing, count=missing)
        accounted = in_koppel + sum(left_out.values()) + missing
        if accounted != at_vendor:
            self.incomplete(DOES_NOT_ADD_UP, accounted=accounted, at_vendor=at_vendor)

    def so_far(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return the counts and the outcomes of all attempts until now."""
        run = Run.objects.only("counts", "outcomes").get(pk=self.run.pk)
        return dict(run.counts), dict(run.outcomes)

    @contextmanager
    def heartbeat(self) -> Iterator[None]:
        """Say in the background that this worker lives, however long one call to a vendor takes."""
        over = threading.Event()
        beating = threading.Thread(
            target=self._beat, args=[over], name=f"run-{self.run.pk}", daemon=True
        )
        beating.start()
        try:
            yield
        finally:
            over.set()

    def earned(self) -> tuple[State, Saying | None]:
        """Return the state that a block which came to its end has earned,
        and the reason beside it.
        """
        if self._stopping:
            return State.CANCELLED, None
        if self._failure is not None:
            return State.FAILED, self._failure
        reason = self._reason or self._difference() or self._unproved()
        if reason is not None:
            return State.INCOMPLETE, reason
        return State.SUCCEEDED, None

    def finish(self, state: State, error: Saying | None) -> None:
        """Write the last word."""
        self._update(state=state, **columns(error), finished_at=Now(), heartbeat_at=Now())

    def put_back(self) -> None:
        """Leave it to a later attempt."""
        self._update(state=State.QUEUED, heartbeat_at=Now())

    def wait(self, seconds: float) -> bool:
        """Leave it to an attempt that begins so much later, and True: this one was not in vain.
        False for what was cancelled: that is over."""
        changes: dict[str, Any] = {
            "state": State.QUEUED,
            "waits_until": Now() + timedelta(seconds=seconds),
            "attempts_in_vain": Greatest(F("attempts_in_vain") - 1, Value(0)),
            "heartbeat_at": Now(),
        }
        if self._mine().filter(cancel_requested=False).update(**changes):
            return True
        self.finish(State.CANCELLED, None)
        return False

    def _difference(self) -> Saying | None:
        if not self._must_add_up:
            return None
        counts, by_outcome = self.so_far()
        outcomes = sum(by_outcome.values())
        for name in self._must_add_up:
            count = counts.get(name, 0)
            if count != outcomes:
                facts = {"outcomes": outcomes, "count": count, "name": name}
                return Saying(
                    _("The outcomes do not add up: %(outcomes)d for %(count)d %(name)s."), facts
                )
        return None

    def _unproved(self) -> Saying | None:
        kind = kinds.find(self.run.kind)
        is_to_vouch = kind is not None and kind.vouches
        if self._has_vouched or not is_to_vouch:
            return None
        return Saying(UNPROVED, {})

    def _mine(self) -> QuerySet[Run]:
        return Run.objects.filter(pk=self.run.pk, state=State.RUNNING, attempts=self.run.attempts)

    def _update(self, **changes: Any) -> None:
        if not self._mine().update(**changes):
            raise LostRun

    def _execute(self, statement: str, **documents: dict[str, Any]) -> None:
        values: dict[str, Any] = {
            name: orjson.dumps(document).decode() for name, document in documents.items()
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, {**values, "id": self.run.pk, "attempt": self.run.attempts})
            if not cursor.rowcount:
                raise LostRun

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(settings.RUN_SILENCE_SECONDS / 4):
            try:
                if not self._mine().update(heartbeat_at=Now()):
                    return
            except DatabaseError:
                # The next beat tries again; if none gets through, the run is taken up elsewhere,
                # as it should be.
                connection.close()
        connection.close()
