"""Whose turn it is to be asked about: what was looked at lately is left alone.

A clock may be put back. What was looked at in an hour that has not come yet was not looked at
lately, but by a clock that was wrong; it is due, or it would wait until the wrong hour comes round.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

# The clocks of two machines may be so far apart.
AHEAD: Final = timedelta(minutes=1)


def due(now: datetime, every: timedelta) -> Q:
    """Find rows whose `checked_at` says that nobody has looked for so long."""
    return Q(checked_at=None) | Q(checked_at__lte=now - every) | Q(checked_at__gt=now + AHEAD)


def is_due(checked_at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Tell the same of one moment."""
    if checked_at is None:
        return True
    return checked_at <= now - every or checked_at > now + AHEAD
