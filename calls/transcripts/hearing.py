"""What of a recording is sent: the file as it is, or, where that is too large,
its sound in pieces.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.conf import settings

from calls.models import Recording
from calls.recordings import storage
from calls.transcripts import reasons, service, sound
from core.errors import VendorError

# A request needs so much room beside the file.
_ROOM: Final = 64 * 1024


class Fault(Exception):
    """An attempt that did not get to its end, for one of `reasons`."""

    def __init__(self, reason: str, error: VendorError | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error


@dataclass(frozen=True)
class File:
    """One file to be sent; what is said in it begins `at` seconds after the recording does."""

    name: str
    at: float
    content: Callable[[], bytes]


def files(recording: Recording) -> list[File]:
    """Return all that is to be sent of this recording, in order. A Fault says why it cannot be."""
    most = service.most_bytes() - _ROOM
    size = recording.size_bytes or _size(recording)
    if size <= most:
        return [File(f"{recording.pk}.mp4", 0, partial(_read, recording, 0, size))]
    read = partial(_read, recording)
    try:
        track = sound.track(read, size)
    except sound.NoSound as error:
        raise Fault(reasons.TOO_LARGE) from error
    return [
        File(f"{recording.pk}-{number}.m4a", piece.at, partial(_cut_out, track, piece, read))
        for number, piece in enumerate(sound.pieces(track, most), 1)
    ]


def _cut_out(track: sound.Track, piece: sound.Piece, read: sound.Read) -> bytes:
    try:
        return sound.cut_out(track, piece, read)
    except sound.NoSound as error:
        raise Fault(reasons.TOO_LARGE) from error


def _size(recording: Recording) -> int:
    try:
        seen = storage.look(_bucket(recording), recording.key)
    except VendorError as error:
        raise Fault(reasons.STORAGE, error) from error
    if not seen.size:
        raise Fault(reasons.NO_RECORDING)
    return seen.size


def _read(recording: Recording, start: int, end: int) -> bytes:
    """Read these bytes of the recording's file."""
    try:
        content = storage.fetch(_bucket(recording), recording.key, start, end)
    except VendorError as error:
        raise Fault(reasons.STORAGE, error) from error
    if content is None:
        raise Fault(reasons.NO_RECORDING)
    return content


def _bucket(recording: Recording) -> str:
    return recording.bucket or settings.RECORDINGS_S3_BUCKET
