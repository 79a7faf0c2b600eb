"""The sound of a recording that is too large to be sent as it is:
taken out of its MP4 without decoding it, in pieces.

A minute of picture and sound is some 20 MB, an hour of the sound alone some 50. An MP4 says in its
`moov` where each sample of each track lies (ISO/IEC 14496-12), so the sound's are read where they
lie and put into files of their own (M4A, one track, one chunk). The file is read in windows: in
memory are one window and one piece.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, islice, repeat
from typing import Final

Read = Callable[[int, int], bytes]
"""The bytes from the first position to before the second."""

WINDOW: Final = 16 * 1024 * 1024
# A piece is no longer than this: what hears it answers sooner, and a broken attempt costs less.
LONGEST_SECONDS: Final = 20 * 60
# What is larger is no index of a recording; an hour's index is some 2 MB.
LARGEST_MOOV: Final = 64 * 1024 * 1024
# Each sample adds the bytes of its length to the index of a piece, and the rest of the head of a
# piece takes so many bytes.
_PER_SAMPLE, _HEAD = 4, 4096


class NoSound(Exception):
    """There is no sound in this file that could be taken out."""


@dataclass(frozen=True, slots=True)
class Track:
    """The track of the sound: where each sample lies, how long it is,
    how long it lasts in units of `scale`.
    """

    description: bytes
    scale: int
    offsets: list[int]
    sizes: list[int]
    lasts: list[int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the track's samples; it begins at `at` seconds."""

    first: int
    end: int
    at: float


def track(read: Read, size: int) -> Track:
    """Return what the file's index says of its sound.

    NoSound where it has none, or the index cannot be read.
    """
    try:
        moov = _moov(read, size)
        for trak in _all(moov, b"trak"):
            media = _first_box(trak, b"mdia")
            if _first_box(media, b"hdlr")[8:12] == b"soun":
                return _track(media, size)
    except (struct.error, IndexError, ValueError, ZeroDivisionError) as error:
        raise NoSound from error
    raise NoSound


def pieces(sound: Track, most: int) -> list[Piece]:
    """Cut the track into stretches, each a file of at most `most` bytes."""
    found: list[Piece] = []
    first, room, elapsed, began = 0, most - _HEAD, 0, 0
    for number, (length, lasts) in enumerate(zip(sound.sizes, sound.lasts, strict=True)):
        room -= length + _PER_SAMPLE
        is_full = room < 0 or elapsed + lasts - began > LONGEST_SECONDS * sound.scale
        if is_full and number > first:
            found.append(Piece(first, number, began / sound.scale))
            first, room, began = number, most - _HEAD - length - _PER_SAMPLE, elapsed
        elapsed += lasts
    return [*found, Piece(first, len(sound.sizes), began / sound.scale)]


def cut_out(sound: Track, piece: Piece, read: Read) -> bytes:
    """Return the piece as a file of its own."""
    where = list(
        zip(
            sound.offsets[piece.first : piece.end],
            sound.sizes[piece.first : piece.end],
            strict=True,
        )
    )
    return _file(sound, piece, b"".join(_samples(where, read)))


def _samples(where: list[tuple[int, int]], read: Read) -> Iterator[bytes]:
    """Yield the samples in their order.

    They lie in the order of their times; in between are those of the picture.
    """
    start, window = 0, b""
    for number, (offset, length) in enumerate(where):
        if not start <= offset <= offset + length <= start + len(window):
            start, window = offset, read(offset, _window_end(where, number))
        sample = window[offset - start : offset - start + length]
        if len(sample) != length:
            raise NoSound
        yield sample


def _window_end(where: list[tuple[int, int]], number: int) -> int:
    """Return how far one window goes from this sample on, which is no further than the piece
    does.
    """
    begin, longest = where[number][0], max(WINDOW, where[number][1])
    last = where[-1]
    if last[0] < begin:
        return begin + where[number][1]
    return min(begin + longest, last[0] + last[1])


def _moov(read: Read, size: int) -> bytes:
    """Find the file's index, at its head or its end."""
    position = 0
    while position + 8 <= size:
        head = read(position, min(position + 16, size))
        length, kind = struct.unpack(">I4s", head[:8])
        start = 8
        if length == 1:
            length, start = struct.unpack(">Q", head[8:16])[0], 16
        length = length or size - position
        if kind == b"moov" and length <= LARGEST_MOOV:
            return read(position + start, position + length)
        if length < start:
            break
        position += length
    raise NoSound


def _track(media: bytes, size: int) -> Track:
    table = _first_box(_first_box(media, b"minf"), b"stbl")
    sizes = _sizes(_first_box(table, b"stsz"))
    runs = (repeat(delta, count) for count, delta in _rows(_first_box(table, b"stts"), 2))
    # It reads one more than there may be, so that too many show.
    lasts = list(islice(chain.from_iterable(runs), len(sizes) + 1))
    offsets = _offsets(table, sizes)
    if not sizes or not len(sizes) == len(lasts) == len(offsets):
        raise NoSound
    if max(place + length for place, length in zip(offsets, sizes, strict=True)) > size:
        raise NoSound
    return Track(
        _boxed(b"stsd", _first_box(table, b"stsd")),
        _scale(_first_box(media, b"mdhd")),
        offsets,
        sizes,
        lasts,
    )


def _sizes(body: bytes) -> list[int]:
    same, count = struct.unpack(">II", body[4:12])
    if same:
        return [same] * min(count, 10_000_000)
    return list(struct.unpack(f">{count}I", body[12 : 12 + 4 * count]))


def _offsets(table: bytes, sizes: list[int]) -> list[int]:
    """Return where each sample lies.

    Chunks are given by their place, and how many samples each has by runs of chunks.
    """
    chunks = [row[0] for row in _chunks(table)]
    runs = _rows(_first_box(table, b"stsc"), 3)
    begins = [first for first, _count, _description in runs]
    offsets: list[int] = []
    for number, chunk in enumerate(chunks, 1):
        count = runs[bisect_right(begins, number) - 1][1]
        lengths = sizes[len(offsets) : len(offsets) + count]
        offsets += list(accumulate(lengths[:-1], initial=chunk))[: len(lengths)]
    return offsets


def _chunks(table: bytes) -> list[tuple[int, ...]]:
    wide = next(_all(table, b"co64"), None)
    if wide is not None:
        return _rows(wide, 1, "Q")
    return _rows(_first_box(table, b"stco"), 1)


def _scale(body: bytes) -> int:
    """Return how many units are a second."""
    scale = struct.unpack(">I", body[20:24] if body[0] else body[12:16])[0]
    if not scale:
        raise NoSound
    return int(scale)


def _rows(body: bytes, width: int, kind: str = "I") -> list[tuple[int, ...]]:
    """Return the rows of a table that begins with their number."""
    count = struct.unpack(">I", body[4:8])[0]
    row = struct.Struct(f">{width}{kind}")
    return list(row.iter_unpack(body[8 : 8 + count * row.size]))


def _all(body: bytes, wanted: bytes) -> Iterator[bytes]:
    """Yield the bodies of the boxes of this kind that lie directly in another's."""
    position = 0
    while position + 8 <= len(body):
        length, kind = struct.unpack(">I4s", body[position : position + 8])
        if length < 8:
            return
        if kind == wanted:
            yield body[position + 8 : position + length]
        position += length


def _first_box(body: bytes, wanted: bytes) -> bytes:
    found = next(_all(body, wanted), None)
    if found is None:
        raise NoSound
    return found


def _boxed(kind: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, *bodies: bytes, flags: int = 0) -> bytes:
    return _boxed(kind, struct.pack(">I", flags), *bodies)


def _file(sound: Track, piece: Piece, samples: bytes) -> bytes:
    """Make an M4A of one track whose samples lie in one chunk."""
    kind = _boxed(b"ftyp", b"M4A ", struct.pack(">I", 0), b"M4A mp42isom")
    length = len(_moov_of(sound, piece, 0))
    moov = _moov_of(sound, piece, len(kind) + length + 8)
    return kind + moov + _boxed(b"mdat", samples)


def _moov_of(sound: Track, piece: Piece, place: int) -> bytes:
    sizes, lasts = sound.sizes[piece.first : piece.end], sound.lasts[piece.first : piece.end]
    runs = [(len(list(same)), delta) for delta, same in groupby(lasts)]
    whole = sum(lasts)
    table = _boxed(
        b"stbl",
        sound.description,
        _full(b"stts", struct.pack(">I", len(runs)), *(struct.pack(">II", *run) for run in runs)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, len(sizes), 1)),
        _full(b"stsz", struct.pack(">II", 0, len(sizes)), struct.pack(f">{len(sizes)}I", *sizes)),
        _full(b"stco", struct.pack(">II", 1, place)),
    )
    source = _boxed(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    media = _boxed(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, sound.scale, whole, 0x55C4, 0)),
        _full(b"hdlr", struct.pack(">I4s12x", 0, b"soun"), b"Sound\0"),
        _boxed(b"minf", _full(b"smhd", bytes(4)), source, table),
    )
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    track = _full(
        b"tkhd",
        struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, whole, 0, 0, 0x0100, 0),
        matrix,
        bytes(8),
        flags=3,
    )
    movie = struct.pack(">IIIIIH10x", 0, 0, sound.scale, whole, 0x10000, 0x0100)
    return _boxed(
        b"moov",
        _full(b"mvhd", movie, matrix, bytes(24), struct.pack(">I", 2)),
        _boxed(b"trak", track, media),
    )
