"""The key ring: seal() and open_sealed(). Opening raises when in doubt;
it never guesses, never gives back its input.

The ring is `INTEGRATION_ENCRYPTION_KEY`, newest first. New values are sealed under the newest key,
every key of the ring opens. From each ring key one sub-key is derived per purpose (HKDF). `mac()`
uses no ring key itself but a random one that lies sealed in the database (core.models.StableKey):
what it made can still be checked after the ring's keys have all been replaced. Values sealed
outside a model field are declared to core.secrets.rotation, or rotation misses them.
"""

import base64
import hmac
from functools import lru_cache
from os import urandom
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

IV_BYTES: Final = 16
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32


class CannotOpen(Exception):
    """The value was not sealed with a key of ours for this place: wrong key, wrong row,
    or not ciphertext at all.
    """


class KeyMissing(Exception):
    """There is no key to work with."""


class Place(NamedTuple):
    """Where a value belongs. A value sealed for one place opens at no other."""

    table: str
    row: str
    field: str

    def bound(self) -> bytes:
        """Return the associated data.

        Lengths go first, so that no two places read the same, whatever is in the parts.
        """
        table, row, field = self
        return f"{len(table)}:{table}{len(row)}:{row}{field}".encode()


def seal(plain: str, place: Place) -> str:
    """Return `iv:tag:ciphertext` in hex, under the newest key, good only at `place`.

    Any str comes back as it was.
    """
    iv = urandom(IV_BYTES)
    # An odd half of a surrogate pair is legal in JSON and must not fail here.
    sealed = _ring()[0].encrypt(iv, plain.encode("utf-8", "surrogatepass"), place.bound())
    return f"{iv.hex()}:{sealed[-TAG_BYTES:].hex()}:{sealed[:-TAG_BYTES].hex()}"


def open_sealed(sealed: str, place: Place) -> str:
    """Return the clear text, or CannotOpen."""
    iv, ciphertext = _split(sealed)
    bound = place.bound()
    for cipher in _ring():
        try:
            return cipher.decrypt(iv, ciphertext, bound).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError):
            continue
    raise CannotOpen(f"No key opens the value of {place.table}.{place.field} in row {place.row}")


def is_newest(sealed: str, place: Place) -> bool:
    """Tell whether the newest key opens it, so that rotation has nothing left to do here."""
    try:
        iv, ciphertext = _split(sealed)
        _ring()[0].decrypt(iv, ciphertext, place.bound())
    except (CannotOpen, InvalidTag):
        return False
    return True


def reseal(sealed: str, place: Place, to: Place | None = None) -> str:
    """Return the clear text sealed by the newest key, at its place or moved `to` another.

    Raise CannotOpen for another's.
    """
    return seal(open_sealed(sealed, place), to or place)


def mac(purpose: str, data: bytes) -> str:
    """Return a keyed hash in hex, one key per purpose.

    It stays the same when the ring is rotated.
    """
    return hmac.digest(_stable_key(purpose), data, "sha256").hex()


def open_fernet(token: str) -> str:
    """Return the clear text of what django-fernet-fields wrote, by FERNET_KEYS;
    for the one move to this ring.
    """
    keys = [key for raw in settings.FERNET_KEYS for key in _fernet_keys(raw)]
    if not keys:
        raise KeyMissing("FERNET_KEYS is not set")
    try:
        return MultiFernet(keys).decrypt(token.encode()).decode()
    except (InvalidToken, UnicodeError) as error:
        raise CannotOpen("No key of FERNET_KEYS opens the value") from error


def derive(key: str, purpose: bytes) -> bytes:
    """Return a 32-byte sub-key of one ring key (32 bytes in hex, or a passphrase)
    for one purpose.
    """
    return _hkdf(_material(key), purpose)


def forget_keys() -> None:
    """Drop what is remembered of keys kept in the database (after they were made anew)."""
    _stable_key.cache_clear()


def _split(sealed: str) -> tuple[bytes, bytes]:
    try:
        iv, tag, ciphertext = sealed.split(":")
        if len(iv) != 2 * IV_BYTES or len(tag) != 2 * TAG_BYTES:
            raise CannotOpen("The value is not sealed")
        return bytes.fromhex(iv), bytes.fromhex(ciphertext + tag)
    except ValueError as error:
        raise CannotOpen("The value is not sealed") from error


@lru_cache(maxsize=1)
def _ring() -> tuple[AESGCM, ...]:
    ring = settings.INTEGRATION_ENCRYPTION_KEY
    if not ring:
        raise KeyMissing(
            "INTEGRATION_ENCRYPTION_KEY is not set: make a key with "
            "`manage.py generate_encryption_key`"
        )
    return tuple(AESGCM(derive(key, b"koppel/seal")) for key in ring)


@receiver(setting_changed)
def _another_ring(*, setting: str, **_kwargs: Any) -> None:
    """Read the ring anew: only tests change a setting while a process runs."""
    if setting == "INTEGRATION_ENCRYPTION_KEY":
        _ring.cache_clear()


@lru_cache(maxsize=32)
def _material(key: str) -> bytes:
    if is_hex_key(key):
        return bytes.fromhex(key)
    # Who stole a dump can try passphrases offline: make each try cost 32 MB and a tenth of a
    # second. The salt is fixed because every process must come to the same key from the
    # environment alone.
    return Scrypt(salt=b"koppel/passphrase", length=KEY_BYTES, n=2**15, r=8, p=1).derive(
        key.encode()
    )


def is_hex_key(key: str) -> bool:
    """Tell whether the text is 32 bytes in hex; anything else is a passphrase."""
    try:
        return len(key) == 2 * KEY_BYTES and len(bytes.fromhex(key)) == KEY_BYTES
    except ValueError:
        return False


@lru_cache(maxsize=64)
def _stable_key(purpose: str) -> bytes:
    model: Any = apps.get_model("core", "StableKey")
    row = model._default_manager.filter(pk=model.MAC).first()
    if row is None:
        raise KeyMissing("The key of keyed hashes is not in the database: run `manage.py migrate`")
    return _hkdf(bytes.fromhex(row.value.reveal()), b"koppel/mac/" + purpose.encode())


def _hkdf(material: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(material)


def _fernet_keys(raw: str) -> list[Fernet]:
    """Read the setting as django-fernet-fields did: through its HKDF,
    or (FERNET_USE_HKDF = False) as it is.
    """
    derived = HKDF(
        algorithm=hashes.SHA256(),
        length=KEY_BYTES,
        salt=b"django-fernet-fields-hkdf-salt",
        info=b"django-fernet-fields",
    ).derive(raw.encode())
    keys = [Fernet(base64.urlsafe_b64encode(derived))]
    try:
        keys.append(Fernet(raw))
    except ValueError:  # not 32 bytes in base64: then it was only ever used through the HKDF
        return keys
    return keys
