"""How far a call is, with its time: a name in `core.words.states` for each call,
and the rows that have it.
"""

from datetime import datetime
from typing import Final

from django.db.models import Q

from calls.models import Call

# Calls that nobody came to: the first should have begun by now, the second should be over.
NOT_BEGUN, NOT_HELD = "not_begun", "not_held"
STATES: Final = (*Call.Status.values, NOT_BEGUN, NOT_HELD)
# All that began, whether or not they are over: what statistics count.
BEGUN: Final = "begun"


def state(call: Call, now: datetime) -> str:
    """Name how far this call is.

    A call that nobody came to is not planned any more: it should have begun, or was not held.
    """
    found: str = call.status
    if call.status == Call.Status.PENDING:
        if _is_past(call.scheduled_start, now):
            found = NOT_BEGUN
        if _is_past(call.scheduled_end, now):
            found = NOT_HELD
    return f"call.{found}"


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment < now


def in_state(name: str, now: datetime) -> Q:
    """Find the calls for which `state` gives this name, or those that have begun."""
    if name == BEGUN:
        return Q(started_at__isnull=False)
    over, begun = Q(scheduled_end__lt=now), Q(scheduled_start__lt=now)
    waiting = {NOT_HELD: over, NOT_BEGUN: begun & ~over, Call.Status.PENDING: ~begun & ~over}
    if name not in waiting:
        return Q(status=name)
    return Q(status=Call.Status.PENDING) & waiting[name]
