"""What this app tells, without knowing who listens: higher apps connect in their `apps.py`.

Each is sent after the commit, but for those of which it is written otherwise.
A listener that fails is logged and hinders neither the others nor the act itself.
"""

import logging
from typing import Any, Final

from django.dispatch import Signal

logger = logging.getLogger(__name__)

# rep_id, organization_id: a rep was added, archived or restored, or has other addresses now.
rep_changed: Final = Signal()
# appointment_id, organization_id: an appointment was booked, moved or cancelled,
# or its people changed.
appointment_changed: Final = Signal()
# organization_id: recording, retention, time zone or language were chosen anew.
settings_changed: Final = Signal()
# organization_id: an organization was deleted with all that was its own.
organization_removed: Final = Signal()
# organization_id: an organization is about to be deleted. Sent before the transaction: who has
# something with services outside has it taken back there, and returns a list of sentences about
# what could not be. Calls end in time by themselves.
organization_leaving: Final = Signal()
# organization_id, people (ids): leads or contacts are about to be merged, or taken apart again.
# Sent within the transaction, before any row of theirs is locked: who writes such rows under a lock
# of their own takes it now.
people_merging: Final = Signal()
# moving (`crm.services.moving.Moving`): rows that name the one are to name the other from now on.
# Sent within the transaction; a listener that fails takes the merge back.
people_merged: Final = Signal()


def tell(signal: Signal, **facts: Any) -> None:
    ask(signal, **facts)


def ask(signal: Signal, **facts: Any) -> list[Any]:
    """Tell, and return what the listeners that did not fail answered."""
    answers = []
    for listener, answer in signal.send_robust(sender=None, **facts):
        if isinstance(answer, Exception):
            logger.error("%s failed", getattr(listener, "__name__", listener), exc_info=answer)
        else:
            answers.append(answer)
    return answers
