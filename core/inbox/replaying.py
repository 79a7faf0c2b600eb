"""Replay: a person has failed deliveries worked once more."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from core import audit
from core.models import InboundEvent
from core.queue import jobs

Status = InboundEvent.Status
MAY_GO_AGAIN: Final = (Status.FAILED, Status.IGNORED)


def replay(event_ids: Iterable[UUID], actor: Any, request: Any = None) -> int:
    """Work failed or ignored deliveries once more, as if they had just come; how many.

    What was processed is left alone: a second effect is not what Replay is for.
    """
    with transaction.atomic():
        stopped = InboundEvent.objects.select_for_update().filter(
            id__in=list(event_ids), processing_status__in=MAY_GO_AGAIN
        )
        found = list(stopped.values_list("id", "source"))
        ids = [event_id for event_id, _ in found]
        InboundEvent.objects.filter(id__in=ids).update(
            processing_status=Status.PENDING,
            processing_error="",
            retry_count=0,
            claimed_at=None,
            next_attempt_at=Now(),
        )
        if ids:
            sources = sorted({source for _, source in found})
            audit.record(
                "webhook.replayed", actor=actor, request=request, count=len(ids), sources=sources
            )
            jobs.after_commit("core.work_inbox", [str(event_id) for event_id in ids])
    return len(ids)
