"""What a vendor calls a record, and the day that the record is counted under."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

LONGEST_NAME: Final = 200
# The day of what has none.
UNDATED: Final = date(1970, 1, 1)


def named(key: str) -> Callable[[Any], str]:
    """Return what finds a record's name: its `key`, else a hash of all that it says.

    A name that is too long is its hash: of two that begin alike, each is a record.
    """

    def name_of(record: Any) -> str:
        value = None
        if isinstance(record, dict):
            value = record.get(key)
        if isinstance(value, int | str) and value != "":
            name = str(value)
            if len(name) <= LONGEST_NAME:
                return name
            return _hash_of(value)
        return _hash_of(record)

    return name_of


def _hash_of(record: Any) -> str:
    try:
        text = orjson.dumps(record, default=str)
    except orjson.JSONEncodeError:
        # Nested more deeply, or with larger numbers, than it writes; both can be read.
        text = repr(record).encode("utf-8", "surrogatepass")
    return "?" + hashlib.blake2b(text, digest_size=16).hexdigest()


def dated(key: str) -> Callable[[Any], date]:
    """Return what finds a record's day (UTC): that of the moment under its `key`, else UNDATED.

    No day is before that: the first day of a proof is the first that a record can have.
    """

    def day_of(record: Any) -> date:
        value = None
        if isinstance(record, dict):
            value = record.get(key)
        if not isinstance(value, str):
            return UNDATED
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return UNDATED
        if moment.tzinfo is not None:
            moment = _in_utc(moment)
        return max(moment.date(), UNDATED)

    return day_of


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # At either end of the calendar: UTC has no such day.
        return moment
