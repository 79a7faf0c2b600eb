"""Django's database sessions, sealed: a session holds a half-made second factor
and a password-reset key for a while.

The key comes from SECRET_KEY, as the signature of Django's own sessions does,
and is no part of the key ring: a session lives two weeks at most, so there is nothing to rotate.
"""

import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.core import signing

from core.secrets.crypto import derive

IV_BYTES = 12


class SessionStore(DatabaseSessions):
    """What is stored can neither be read nor moved to another session."""

    @classmethod
    def get_model_class(cls) -> Any:
        return DatabaseSessions.get_model_class()

    def encode(self, session_dict: dict[str, Any]) -> str:
        iv = os.urandom(IV_BYTES)
        plain = self.serializer().dumps(session_dict)
        return signing.b64_encode(
            iv + _cipher(settings.SECRET_KEY).encrypt(iv, plain, self._bound())
        ).decode()

    def decode(self, session_data: Any) -> dict[str, Any]:
        try:
            raw = signing.b64_decode(session_data.encode())
        except ValueError:
            return {}
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                plain = _cipher(key).decrypt(raw[:IV_BYTES], raw[IV_BYTES:], self._bound())
            except (InvalidTag, ValueError):
                continue
            loaded: dict[str, Any] = self.serializer().loads(plain)
            return loaded
        return {}

    def _bound(self) -> bytes:
        return (self.session_key or "").encode()


def _cipher(key: str) -> AESGCM:
    return AESGCM(derive(key, b"koppel/session"))
