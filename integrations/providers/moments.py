"""Times as vendors write them."""

from datetime import datetime, tzinfo
from typing import Any


def moment(value: Any, zone: tzinfo | None = None) -> datetime | None:
    """Return a time; None for what is none. One that names no zone is in this one:
    without it, it is no time.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.tzinfo is not None:
        return found
    return found.replace(tzinfo=zone) if zone else None
