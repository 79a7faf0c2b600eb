"""Owing an endpoint everything since a moment: a few at once,
many by a run that goes part by part.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import runs
from core.models import User
from core.runs.attempt import Work
from integrations.events import hints
from integrations.events.owing import KEPT, PART, Part, Span, owe_part
from integrations.models import Integration

IS_OFF: Final = _("It was switched off meanwhile. What is left of the events was not sent.")

KIND: Final = runs.Kind(
    "integrations.recover",
    _("Events sent again"),
    work="integrations.events.recovering.work",
    words={"events": _("Events"), "owed": _("To be sent"), "kept": _("About to be sent already")},
    so_far=("events",),
    lock="integrations.recover",
)


@dataclass(frozen=True, slots=True)
class Owed:
    """How many events are owed now, or the run that owes them."""

    events: int
    started: runs.Started | None = None


def owe_since(integration: Integration, since: datetime, *, again: bool, by: Any = None) -> Owed:
    """Owe an endpoint what happened since then and it subscribes to;
    more than one part of it by a run.

    Call it within a transaction.
    """
    now = timezone.now()
    span = Span(max(since, now - KEPT), now, again)
    many = span.events_of(integration)[: PART + 1].count()
    if many > PART:
        wish = {"since": span.since.isoformat(), "until": span.until.isoformat(), "again": again}
        started = runs.start(
            KIND,
            integration,
            wish,
            organization_id=integration.organization_id,
            trigger="manual",
            started_by=_person(by),
        )
        return Owed(many, started)
    part = owe_part(integration, span, None)
    hints.after_commit()
    if part is None:
        return Owed(0)
    return Owed(part.owed)


def _person(by: Any) -> User | None:
    if isinstance(by, User):
        return by
    return None


def work(run: Work) -> None:
    """Owe the events of the span, part by part, until none is left or the endpoint
    is switched off.
    """
    asked = run.parameters
    span = Span(
        datetime.fromisoformat(asked["since"]),
        datetime.fromisoformat(asked["until"]),
        asked["again"],
    )
    integration = _endpoint(run)
    if integration is not None:
        run.progress(total=span.events_of(integration).count())
    after = _place(run)
    while not run.cancelled:
        if integration is None:
            run.incomplete(IS_OFF)
            break
        with transaction.atomic():
            part = owe_part(integration, span, after)
            if part is None:
                break
            _note(run, part)
        after = (part.after_time, part.after_id)
        integration = _endpoint(run)
    run.must_add_up("events")


def _note(run: Work, part: Part) -> None:
    """Write down what came of a part, and where the next begins,
    in the transaction that owes it.
    """
    run.add(
        counts={"events": part.events},
        outcomes={"owed": part.owed, "kept": part.events - part.owed},
    )
    run.progress(done=run.so_far()[0]["events"])
    run.checkpoint({"time": part.after_time.isoformat(), "id": str(part.after_id)})
    hints.after_commit()


def _endpoint(run: Work) -> Integration | None:
    """Return the endpoint as it is now; None where it is switched off or deleted."""
    return (
        Integration.objects.select_related("account")
        .filter(pk=run.subject_id, is_active=True)
        .first()
    )


def _place(run: Work) -> tuple[datetime, UUID] | None:
    place = run.start_from
    if not place:
        return None
    return datetime.fromisoformat(place["time"]), UUID(place["id"])
