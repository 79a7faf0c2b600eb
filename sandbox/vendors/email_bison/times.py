"""Moments as the vendor writes them, and the days of a query."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

DAYS: Final = 120
BEFORE_ALL: Final = "2025-04-14T16:59:21.000000Z"


def stamp(moment: datetime) -> str:
    """Write six decimals and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime:
    """Read a moment of a switch or of a row; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def history(now: datetime) -> list[date]:
    """Return the days of which there is mail, the oldest first."""
    return [now.date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def between(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
