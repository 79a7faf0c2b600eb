"""The same chance for the same parts: nothing depends on the order in which data is asked for."""

import random
import uuid
import zlib


def mixed(*parts: object) -> int:
    """Return the same whole number for the same parts."""
    return zlib.crc32("/".join(map(str, parts)).encode())


def dice(*parts: object) -> random.Random:
    return random.Random("/".join(map(str, parts)))


def identity(*parts: object) -> str:
    """Return the same UUID for the same parts."""
    return str(uuid.UUID(int=dice("uuid", *parts).getrandbits(128), version=4))
