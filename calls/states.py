"""How far a call is, with its time: a name in `core.words.states` for each call, and the rows that have it."""

from datetime import datetime
from typing import Final

from django.db.models import Q

from calls.models import Call

# Of those that wait for somebody to come in.
NOT_BEGUN, NOT_HELD = "not_begun", "not_held"
STATES: Final = (*Call.Status.values, NOT_BEGUN, NOT_HELD)


def state(call: Call, now: datetime) -> str:
    """One that nobody came to is not planned any more: it should have begun, or was not held."""
    found: str = call.status
    if call.status == Call.Status.PENDING:
        if call.scheduled_start is not None and call.scheduled_start < now:
            found = NOT_BEGUN
        if call.scheduled_end is not None and call.scheduled_end < now:
            found = NOT_HELD
    return f"call.{found}"


def in_state(name: str, now: datetime) -> Q:
    """The calls of which `state` says this name."""
    over, begun = Q(scheduled_end__lt=now), Q(scheduled_start__lt=now)
    waiting = {NOT_HELD: over, NOT_BEGUN: begun & ~over, Call.Status.PENDING: ~begun & ~over}
    return Q(status=Call.Status.PENDING) & waiting[name] if name in waiting else Q(status=name)
