"""Standard Webhooks: who sent it, which one it is, and when, over the bytes that go out.

The secret is `whsec_` and 32 random bytes in base64. What is signed is `id.timestamp.body`;
while a secret is being exchanged both sign, the newest first.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from core.masking import Secret

PREFIX: Final = "whsec_"


def new_secret() -> str:
    """Make a secret that nobody can guess."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(message_id: str, timestamp: int, body: bytes, keys: Sequence[Secret]) -> dict[str, str]:
    """Return the three headers that go with this body."""
    signatures = [_signature(f"{message_id}.{timestamp}.".encode() + body, key) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _signature(content: bytes, key: Secret) -> str:
    raw = base64.b64decode(key.reveal().removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(raw, content, sha256)).decode()
