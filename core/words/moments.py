"""Points in time that come as text, as both Python and PostgreSQL can hold them."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

# Longer ones are none, and PostgreSQL refuses them.
LONGEST_OFFSET: Final = timedelta(hours=15, minutes=59)
LONGEST_TEXT: Final = 40


def read(value: Any, zone: tzinfo | None = UTC) -> datetime | None:
    """Return a point in time in UTC; None for what is none, and for one without a zone
    where no zone is given for it.
    """
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if found.tzinfo is None and zone is not None:
        found = found.replace(tzinfo=zone)
    return in_utc(found)


def in_utc(moment: datetime) -> datetime | None:
    """Return it in UTC; None for one without a zone, and where time begins or ends:
    an offset would lead out of it.
    """
    if moment.tzinfo is None or not 1900 <= moment.year <= 9000:
        return None
    return moment.astimezone(UTC)


def has_a_zone(moment: datetime) -> bool:
    """Tell whether it names an offset that a place on earth can have."""
    offset = moment.utcoffset()
    return offset is not None and abs(offset) <= LONGEST_OFFSET
