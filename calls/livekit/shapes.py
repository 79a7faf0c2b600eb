"""What LiveKit says, as the rest of Koppel reads it.

Its API answers in snake_case with every field, its webhooks in camelCase without what is zero,
false, empty or the first of an enumeration; 64-bit numbers are strings in both. Recordings count in
nanoseconds, rooms in seconds. All of that ends here: beyond are dataclasses, datetimes, and nothing
that a field of an odd type could break.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.masking import Secret

NANOSECONDS: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# This is the year 2200 in microseconds. What is beyond it is no time at all.
_LAST: Final = 7_258_118_400_000_000
_LARGEST: Final = 2**63 - 1
_LONGEST_SECONDS: Final = 2**31 - 1
_DIGITS: Final = re.compile(r"-?[0-9]{1,19}\Z")
_HUMP: Final = re.compile(r"_([a-z])")

STANDARD: Final = "STANDARD"
EGRESS: Final = "EGRESS"
ACTIVE: Final = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Room:
    """One session of a room: the name stays, the sid is the session's own."""

    sid: str = ""
    name: str = ""
    created_at: datetime | None = None
    num_participants: int = 0

    @classmethod
    def read(cls, payload: Any) -> "Room":
        fields = _Fields(payload)
        made = fields.milliseconds("creation_time_ms") or fields.seconds("creation_time")
        return cls(fields.text("sid"), fields.text("name"), made, fields.number("num_participants"))


@dataclass(frozen=True, slots=True)
class Participant:
    """One stay of somebody, or something, in a room: the sid is the stay's own,
    the identity the device's.
    """

    sid: str = ""
    identity: str = ""
    name: str = ""
    kind: str = STANDARD
    state: str = ""
    metadata: str = ""
    joined_at: datetime | None = None

    @classmethod
    def read(cls, payload: Any) -> "Participant":
        fields = _Fields(payload)
        return cls(
            sid=fields.text("sid"),
            identity=fields.text("identity"),
            name=fields.text("name"),
            kind=fields.text("kind").upper() or STANDARD,
            state=fields.text("state").upper(),
            metadata=fields.text("metadata"),
            joined_at=fields.milliseconds("joined_at_ms") or fields.seconds("joined_at"),
        )

    @property
    def is_person(self) -> bool:
        """Tell whether this is a person: recorders, agents and the like are nobody."""
        return self.kind == STANDARD

    @property
    def is_recorder(self) -> bool:
        return self.kind == EGRESS


@dataclass(frozen=True, slots=True)
class File:
    """What a recording left in the storage: `filename` is the whole key."""

    filename: str = ""
    size: int = 0
    duration_seconds: float = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    location: str = ""

    @classmethod
    def read(cls, payload: Any) -> "File":
        fields = _Fields(payload)
        return cls(
            filename=fields.text("filename"),
            size=max(0, fields.number("size")),
            duration_seconds=min(max(0, fields.number("duration")) / NANOSECONDS, _LONGEST_SECONDS),
            started_at=fields.nanoseconds("started_at"),
            ended_at=fields.nanoseconds("ended_at"),
            location=fields.text("location"),
        )


STARTING, RUNNING, ENDING = "EGRESS_STARTING", "EGRESS_ACTIVE", "EGRESS_ENDING"
COMPLETE, FAILED, ABORTED = "EGRESS_COMPLETE", "EGRESS_FAILED", "EGRESS_ABORTED"
LIMIT_REACHED: Final = "EGRESS_LIMIT_REACHED"
OVER: Final = frozenset({COMPLETE, FAILED, ABORTED, LIMIT_REACHED})


@dataclass(frozen=True, slots=True)
class Egress:
    """One recording, as far as LiveKit is with it."""

    egress_id: str = ""
    room_sid: str = ""
    room_name: str = ""
    status: str = STARTING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    updated_at: datetime | None = None
    error: str = ""
    error_code: int = 0
    details: str = ""
    files: tuple[File, ...] = ()
    # This is the key that was asked for, where LiveKit repeats the request.
    filepath: str = ""

    @classmethod
    def read(cls, payload: Any) -> "Egress":
        fields = _Fields(payload)
        files = tuple(File.read(file) for file in fields.rows("file_results"))
        files = files or _file_alone(fields.value("file"))
        return cls(
            egress_id=fields.text("egress_id"),
            room_sid=fields.text("room_id"),
            room_name=fields.text("room_name"),
            status=fields.text("status").upper() or STARTING,
            started_at=fields.nanoseconds("started_at"),
            ended_at=fields.nanoseconds("ended_at"),
            updated_at=fields.nanoseconds("updated_at"),
            error=fields.text("error"),
            error_code=fields.number("error_code"),
            details=fields.text("details"),
            files=files,
            filepath=_filepath(fields),
        )

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def file(self) -> File | None:
        """Return what was written; one recording writes one file."""
        return next(iter(self.files), None)


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a recording is to be put: S3 or what speaks like it."""

    bucket: str
    access_key: str
    secret: Secret
    region: str = ""
    endpoint: str = ""

    def s3(self) -> dict[str, Any]:
        """Write it as LiveKit takes it, with the secret in clear: for the request alone."""
        return {
            "access_key": self.access_key,
            "secret": self.secret.reveal(),
            "region": self.region,
            "bucket": self.bucket,
            "endpoint": self.endpoint,
            # At an endpoint of its own the bucket is a path, because as a part of the host name
            # it would exist nowhere.
            "force_path_style": bool(self.endpoint),
        }


def _file_alone(payload: Any) -> tuple[File, ...]:
    if not isinstance(payload, Mapping) or not payload:
        return ()
    return (File.read(payload),)


def _filepath(fields: "_Fields") -> str:
    """Return the path of the room composite that was asked for."""
    outputs = _Fields(fields.value("room_composite")).rows("file_outputs")
    if not outputs:
        return ""
    return _Fields(outputs[0]).text("filepath")


def moment(seconds: Any) -> datetime | None:
    """Read Unix seconds, as number or string; None for nothing and for what no clock shows."""
    return _moment(whole(seconds) * 1_000_000)


def whole(value: Any) -> int:
    """Read a whole number of 64 bits as LiveKit writes it, number or string, cut to what fits.

    Anything else is 0.
    """
    if isinstance(value, str):
        if not _DIGITS.match(value):
            return 0
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return max(-_LARGEST, min(value, _LARGEST))


class _Fields:
    """One object of LiveKit's, whichever way its names are spelled; empty where it is none."""

    def __init__(self, payload: Any) -> None:
        self._payload: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {}

    def value(self, name: str) -> Any:
        if name in self._payload:
            return self._payload[name]
        return self._payload.get(_HUMP.sub(lambda found: found[1].upper(), name))

    def text(self, name: str) -> str:
        value = self.value(name)
        if not isinstance(value, str):
            return ""
        return value.replace("\x00", "")

    def number(self, name: str) -> int:
        return whole(self.value(name))

    def rows(self, name: str) -> list[Any]:
        value = self.value(name)
        if not isinstance(value, list):
            return []
        return value

    def seconds(self, name: str) -> datetime | None:
        return moment(self.value(name))

    def milliseconds(self, name: str) -> datetime | None:
        return _moment(self.number(name) * 1000)

    def nanoseconds(self, name: str) -> datetime | None:
        return _moment(self.number(name) // 1000)


def _moment(microseconds: int) -> datetime | None:
    if not 0 < microseconds < _LAST:
        return None
    return _EPOCH + timedelta(microseconds=microseconds)
