"""Whether bytes are a picture, of which kind and how large: read from the heads of PNG,
JPEG and WebP, never drawn.

A picture has to end where its own format says that it ends: what has something else behind it,
or an end that is missing, is none.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 200 * 1024
MOST_PIXELS_A_SIDE: Final = 2000
PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
# Frames of a JPEG that say its size: all of these but the tables that lie between them.
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Marks of a JPEG without a length behind them.
BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True)
class Picture:
    """What the head of a picture says."""

    content_type: str
    width: int
    height: int


class NotAPicture(ValueError):
    """These bytes are no whole PNG, JPEG or WebP picture."""


def read(content: bytes) -> Picture:
    """Return what it is. NotAPicture for anything else, also where it was cut short."""
    for begins, reads in READERS:
        if content.startswith(begins):
            try:
                return reads(content)
            except (IndexError, struct.error) as error:
                raise NotAPicture from error
    raise NotAPicture


def _png(content: bytes) -> Picture:
    at, size = len(PNG), (0, 0)
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        if at == len(PNG):
            if (kind, length) != (b"IHDR", 13):
                raise NotAPicture
            size = struct.unpack_from(">II", content, at + 8)
        at += 12 + length
        if kind == b"IEND":
            break
    if at != len(content):
        raise NotAPicture
    return Picture("image/png", *size)


def _jpeg(content: bytes) -> Picture:
    if not content.endswith(b"\xff\xd9"):
        raise NotAPicture
    at = 2
    while content[at] == 0xFF:
        mark = content[at + 1]
        if mark in FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Picture("image/jpeg", width, height)
        if mark in BARE or mark == 0xFF:
            at += 1 if mark == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        if length < 2:
            break
        at += 2 + length
    raise NotAPicture


def _webp(content: bytes) -> Picture:
    length, form, kind = struct.unpack_from("<I4s4s", content, 4)
    if form != b"WEBP" or length + 8 != len(content):
        raise NotAPicture
    width, height = WEBP[kind](content) if kind in WEBP else (0, 0)
    return Picture("image/webp", width, height)


def _lossy(content: bytes) -> tuple[int, int]:
    if content[23:26] != b"\x9d\x01\x2a":
        raise NotAPicture
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _lossless(content: bytes) -> tuple[int, int]:
    if content[20] != 0x2F:
        raise NotAPicture
    (bits,) = struct.unpack_from("<I", content, 21)
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _extended(content: bytes) -> tuple[int, int]:
    sides = content[24:30]
    if len(sides) < 6:
        raise NotAPicture
    return int.from_bytes(sides[:3], "little") + 1, int.from_bytes(sides[3:], "little") + 1


WEBP: Final[dict[bytes, Callable[[bytes], tuple[int, int]]]] = {
    b"VP8 ": _lossy,
    b"VP8L": _lossless,
    b"VP8X": _extended,
}
READERS: Final[tuple[tuple[bytes, Callable[[bytes], Picture]], ...]] = (
    (PNG, _png),
    (JPEG, _jpeg),
    (b"RIFF", _webp),
)
