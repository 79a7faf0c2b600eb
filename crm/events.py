"""What this app tells, without knowing who listens: higher apps connect in their `apps.py`.

Each is sent after the commit. A listener that fails is logged and hinders neither the others nor the act itself.
"""

import logging
from typing import Any, Final

from django.dispatch import Signal

logger = logging.getLogger(__name__)

# rep_id, organization_id: a rep was added, archived or restored, or has other addresses now.
rep_changed: Final = Signal()
# appointment_id, organization_id: an appointment was booked, moved or cancelled, or its people changed.
appointment_changed: Final = Signal()
# organization_id: recording, retention, time zone or language were chosen anew.
settings_changed: Final = Signal()
# organization_id: an organization was deleted with all that was its own.
organization_removed: Final = Signal()


def tell(signal: Signal, **facts: Any) -> None:
    for listener, answer in signal.send_robust(sender=None, **facts):
        if isinstance(answer, Exception):
            logger.error("%s failed after the commit", getattr(listener, "__name__", listener), exc_info=answer)
