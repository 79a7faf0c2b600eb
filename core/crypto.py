"""The key ring: seal() and open(). Opening raises when in doubt; it never guesses and never returns what it was given."""

import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

IV_BYTES = 16
TAG_BYTES = 16


class CannotOpen(Exception):
    """The value was not sealed with a key of ours for this place: wrong key, wrong row, or not ciphertext at all."""


@dataclass(frozen=True)
class Place:
    """Where a value belongs. A value sealed for one place opens at no other."""

    table: str
    row: str
    field: str

    def bound(self) -> bytes:
        return b"\x00".join(part.encode() for part in (self.table, self.row, self.field))


def seal(plain: str, place: Place) -> str:
    """`iv:tag:ciphertext` in hex, under the newest key, good only at `place`."""
    iv = os.urandom(IV_BYTES)
    sealed = _ciphers()[0].encrypt(iv, plain.encode(), place.bound())
    return f"{iv.hex()}:{sealed[-TAG_BYTES:].hex()}:{sealed[:-TAG_BYTES].hex()}"


def open_sealed(sealed: str, place: Place) -> str:
    """The clear text, or CannotOpen."""
    iv, ciphertext = _split(sealed)
    for cipher in _ciphers():
        try:
            return cipher.decrypt(iv, ciphertext, place.bound()).decode()
        except InvalidTag:
            continue
    raise CannotOpen(f"No key opens the value of {place.table}.{place.field} in row {place.row}")


def _split(sealed: str) -> tuple[bytes, bytes]:
    try:
        iv, tag, ciphertext = (bytes.fromhex(part) for part in sealed.split(":"))
    except ValueError as error:
        raise CannotOpen("The value is not sealed") from error
    if len(iv) != IV_BYTES or len(tag) != TAG_BYTES:
        raise CannotOpen("The value is not sealed")
    return iv, ciphertext + tag


def _ciphers() -> list[AESGCM]:
    return _ciphers_of(tuple(settings.INTEGRATION_ENCRYPTION_KEY))


@lru_cache(maxsize=8)
def _ciphers_of(ring: tuple[str, ...]) -> list[AESGCM]:
    return [AESGCM(derive(key, b"koppel/seal")) for key in ring]


def derive(key: str, purpose: bytes) -> bytes:
    """A 32-byte sub-key of one ring key (32 bytes in hex, or a passphrase) for one purpose."""
    try:
        material = bytes.fromhex(key) if len(key) == 64 else key.encode()
    except ValueError:
        material = key.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(material)
