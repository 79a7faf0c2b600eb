"""Ids that sort by time: UUID version 7 (RFC 9562), so that a row's partition can be found
from its id alone.
"""

import os
import time
import uuid
from datetime import UTC, datetime
from typing import Final


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds << 80) | random
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


# 48 bits reach beyond the last year that a datetime knows.
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)


def time_of(identifier: uuid.UUID) -> datetime:
    """Return the moment at which a UUIDv7 was made; of any other id some moment,
    and none after the year 9998.
    """
    return datetime.fromtimestamp(min((identifier.int >> 80) / 1000, _LATEST.timestamp()), tz=UTC)
