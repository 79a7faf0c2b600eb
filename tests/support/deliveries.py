"""Deliveries as the vendors send them: signed by their published schemes, not by our own code."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import jwt

from tests.probe.webhooks import (
    CHATWOOT_SECRET,
    LIVEKIT_KEY,
    LIVEKIT_SECRET,
    STANDARD_SECRET,
    TOKEN,
)

STANDARD = "/api/webhooks/probe-standard"
LIVEKIT = "/api/webhooks/probe-livekit"
CHATWOOT = "/api/webhooks/probe-chatwoot/acme"
BY_TOKEN = f"/api/webhooks/probe-token/{TOKEN}"


def body_of(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()


def standard_signature(
    body: bytes, delivery: str, stamp: str, secret: str = STANDARD_SECRET
) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def standard_headers(
    body: bytes, delivery: str = "", at: float | None = None, prefix: str = "webhook"
) -> dict[str, str]:
    delivery = delivery or f"msg_{uuid.uuid4().hex}"
    stamp = str(int(time.time() if at is None else at))
    return {
        f"{prefix}-id": delivery,
        f"{prefix}-timestamp": stamp,
        f"{prefix}-signature": standard_signature(body, delivery, stamp),
    }


def chatwoot_headers(body: bytes, delivery: str = "", at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(
        CHATWOOT_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256
    ).hexdigest()
    return {
        "x-chatwoot-delivery": delivery or str(uuid.uuid4()),
        "x-chatwoot-timestamp": stamp,
        "x-chatwoot-signature": f"sha256={digest}",
    }


def livekit_headers(body: bytes) -> dict[str, str]:
    now = int(time.time())
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": LIVEKIT_KEY, "nbf": now, "iat": now, "exp": now + 300, "sha256": digest}
    return {"Authorization": jwt.encode(claims, LIVEKIT_SECRET, algorithm="HS256")}


def post(client: Any, path: str, payload: Any, headers: dict[str, str] | None = None) -> Any:
    """Send a delivery through Django's test client."""
    return client.post(
        path, data=body_of(payload), content_type="application/json", headers=headers or {}
    )


def post_standard(client: Any, payload: Any, delivery: str = "") -> Any:
    body = body_of(payload)
    return post(client, STANDARD, body, standard_headers(body, delivery))
