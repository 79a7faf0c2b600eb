"""Small pictures, made of the parts that their formats are made of."""

import struct
import zlib


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width: int = 120, height: int = 40) -> bytes:
    """A grey picture that a browser draws."""
    rows = b"".join(b"\x00" + b"\x99" * width for _row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def jpeg(width: int = 120, height: int = 40) -> bytes:
    """The head of a JPEG, with a comment before its frame, and an end."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"hello"[:4]
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + comment + b"\xff" + frame + b"\xff\xda\x00\x02\x00\xff\xd9"


def webp(kind: bytes, width: int = 120, height: int = 40) -> bytes:
    """The head of a WebP: lossy ("VP8 "), lossless ("VP8L") or extended ("VP8X")."""
    heads = {
        b"VP8 ": b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height),
        b"VP8L": b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14),
        b"VP8X": b"\x00\x00\x00\x00"
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little"),
    }
    content = b"WEBP" + kind + struct.pack("<I", len(heads[kind])) + heads[kind]
    return b"RIFF" + struct.pack("<I", len(content)) + content
