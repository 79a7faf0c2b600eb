"""LiveKit's tokens: who is let in with which grants, and the token that signs a webhook."""

import base64
import hashlib
import time
from typing import Any

import jwt

from sandbox.vendors.demo_keys import LIVEKIT_API_KEY as API_KEY
from sandbox.vendors.demo_keys import LIVEKIT_API_SECRET as API_SECRET
from sandbox.vendors.livekit.messages import error, plain_text

LEEWAY = 60
WEBHOOK_SECONDS = 300
Claims = dict[str, Any]


def claims_of(authorization: str) -> Claims:
    """Return whom a call of the API comes from.

    It is refused before Twirp in plain text, without a header by Twirp.
    """
    if not authorization:
        raise denied()
    if not authorization.startswith("Bearer "):
        raise plain_text(401, "invalid authorization header. Must start with Bearer ")
    return verified(authorization.removeprefix("Bearer "))


def verified(token: str) -> Claims:
    """Return the claims of a token under our key. The refusal repeats the token, as the vendor's
    does.
    """
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except jwt.PyJWTError as wrong:
        raise plain_text(401, "invalid authorization token") from wrong
    if issuer != API_KEY:
        raise plain_text(401, f"invalid API key: {issuer}")
    try:
        claims: Claims = jwt.decode(
            token, API_SECRET, algorithms=["HS256"], options={"require": ["exp"]}, leeway=LEEWAY
        )
    except jwt.PyJWTError as wrong:
        raise plain_text(401, f"invalid token: {token}, error: {wrong}") from wrong
    return claims


def demand(claims: Claims, grant: str, room: str | None = None) -> None:
    """Demand what a method needs; `room`: the grant counts for this room alone."""
    video = claims.get("video") or {}
    is_elsewhere = room is not None and video.get("room") != room
    if is_elsewhere or not video.get(grant):
        raise denied()


def denied() -> Exception:
    return error(401, "unauthenticated", "permissions denied")


def webhook_token(body: bytes, now: float | None = None) -> str:
    """Make the Authorization header of a webhook: bare, and good for five minutes."""
    issued = int(time.time() if now is None else now)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {
        "iss": API_KEY,
        "exp": issued + WEBHOOK_SECONDS,
        "nbf": issued,
        "iat": issued,
        "sha256": digest,
    }
    return jwt.encode(claims, API_SECRET, algorithm="HS256")
