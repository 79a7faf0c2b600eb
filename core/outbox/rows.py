"""The rows that are owed, of any model with the columns `state`, `attempts`,
`next_attempt_at` and `error`.

A row is claimed by one conditional UPDATE that also moves its next attempt past the longest that an
attempt can take: two workers never have the same row, and a worker that dies leaves it to be tried
again. Whether something left just before such a death nobody can know; it is then sent a second
time, rather than not at all.

    for pk in OUTBOX.due().values_list("pk", flat=True)[:BATCH]:
        if OUTBOX.claim(pk):
            row = Letter.objects.get(pk=pk)
            try:
                send(row)
            except VendorError as error:
                is_final = error.status == 410
                OUTBOX.put_off(row, error.message, final=is_final, retry_after=error.retry_after)
            else:
                OUTBOX.done([pk], sent_at=timezone.now())
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from core.outbox.pauses import Pauses


@dataclass(frozen=True)
class Outbox:
    """One table's rows. `lease` is longer than any attempt takes."""

    model: type[Model]
    pauses: Pauses
    lease: timedelta
    waiting: str = "waiting"
    sent: str = "sent"
    failed: str = "failed"

    def due(self) -> QuerySet[Any]:
        """Return the rows whose turn it is."""
        return self._rows(state=self.waiting, next_attempt_at__lte=timezone.now())

    def claim(self, pk: Any) -> bool:
        """Take a due row for this worker, and count the attempt:
        of many at once exactly one gets True.
        """
        lease_ends = timezone.now() + self.lease
        return bool(
            self.due().filter(pk=pk).update(attempts=F("attempts") + 1, next_attempt_at=lease_ends)
        )

    def claim_some(self, rows: QuerySet[Any], most: int) -> list[Any]:
        """Take up to so many of these due rows, the longest due first;
        of many at once each row goes to one.
        """
        with transaction.atomic():
            # By that alone: of a million that are due since the same moment none are to be sorted.
            first = rows.order_by("next_attempt_at").select_for_update(
                skip_locked=True, of=("self",)
            )
            pks = list(first.values_list("pk", flat=True)[:most])
            lease_ends = timezone.now() + self.lease
            self._rows(pk__in=pks).update(attempts=F("attempts") + 1, next_attempt_at=lease_ends)
        return pks

    def give_back(self, pks: Collection[Any]) -> int:
        """Let go of claimed rows that were not tried: they are due at once,
        and no attempt is counted.
        """
        return self._rows(pk__in=pks, state=self.waiting, attempts__gt=0).update(
            attempts=F("attempts") - 1, next_attempt_at=timezone.now()
        )

    def done(self, pks: Collection[Any], **values: Any) -> int:
        """Mark rows that were claimed as sent, with what is to be noted beside it."""
        return self._rows(pk__in=pks).update(state=self.sent, error="", **values)

    def put_off(
        self, row: Any, error: str, *, final: bool = False, retry_after: float | None = None
    ) -> bool:
        """Try a claimed row again after its pause, or give it up; tell whether it was given up.

        It was when it is `final`, so that no later attempt could end otherwise,
        or was tried as often as may be. A row that another has taken over meanwhile is theirs.
        """
        pause = None
        if not final:
            pause = self.pauses.after(row.attempts, retry_after)
        values: dict[str, Any] = {"state": self.failed, "error": error}
        if pause is not None:
            values |= {"state": self.waiting, "next_attempt_at": timezone.now() + pause}
        self._rows(pk=row.pk, state=self.waiting, attempts=row.attempts).update(**values)
        return pause is None

    def give_up_on_the_lost(self, error: str) -> int:
        """Fail the rows whose last attempt was begun and never ended; return how many."""
        return (
            self.due()
            .filter(attempts__gte=self.pauses.attempts)
            .update(state=self.failed, error=error)
        )

    def give_up(self, pks: Collection[Any], error: str) -> int:
        """Fail rows that wait, before any further attempt; return how many."""
        return self._rows(pk__in=pks, state=self.waiting).update(state=self.failed, error=error)

    def put_back(self, pks: Collection[Any]) -> int:
        """Owe again what was given up, from the first attempt; return how many."""
        return self._rows(pk__in=pks, state=self.failed).update(
            state=self.waiting, attempts=0, next_attempt_at=timezone.now(), error=""
        )

    def _rows(self, **wanted: Any) -> QuerySet[Any]:
        return self.model._default_manager.filter(**wanted)
