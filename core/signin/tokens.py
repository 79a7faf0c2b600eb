"""Bearer tokens: a signed access token of one hour, good only while its row in `api_sessions` is.

Both tokens are HS256 JWTs, each under a key derived from SECRET_KEY for its own purpose, so that
neither passes for the other. They carry a mark of the person's password: whoever changes it ends
every token at once. A refresh token works once. An old one that comes back means that two hold it:
the session is revoked — unless it comes within ten seconds of the rotation, when a lost answer or
two tabs are the likelier story: then it is only refused.
"""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import ApiSession, User
from core.secrets.crypto import derive
from core.serving.client_ip import client_ip

ALGORITHM = "HS256"
GRACE = timedelta(seconds=10)
ACCESS, REFRESH = "access", "refresh"


@dataclass(frozen=True)
class Pair:
    """What a client gets: the tokens in clear, this once."""

    access: str
    refresh: str
    expires_in: int


def start(user: User, request: Any) -> Pair:
    """Return a new session of this person on this device."""
    now = timezone.now()
    nonce = uuid.uuid4().hex
    session = ApiSession.objects.create(
        user=user,
        refresh_hash=_hash(nonce),
        rotated_at=now,
        expires_at=now + timedelta(days=settings.REFRESH_TOKEN_DAYS),
        ip=client_ip(request),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
    )
    return _pair(session, nonce, now)


def session_of(access: str) -> ApiSession | None:
    """Return the living session of an access token with its person, in one query;
    None for any other text.
    """
    claims = _read(access, ACCESS)
    if claims is None:
        return None
    session = _living().filter(pk=claims["sid"]).first()
    if session is None or not _holds(session, claims):
        return None
    return session


def refresh(token: str, request: Any) -> Pair | None:
    """Return the next pair for the current refresh token, once; None for any other."""
    claims = _read(token, REFRESH)
    if claims is None:
        return None
    now = timezone.now()
    with transaction.atomic():
        session = _living().select_for_update(of=("self",)).filter(pk=claims["sid"]).first()
        if session is None or not _holds(session, claims):
            return None
        if hmac.compare_digest(session.refresh_hash, _hash(claims["jti"])):
            return _rotate(session, now)
        fresh = now - session.rotated_at < GRACE
        if not (fresh and hmac.compare_digest(session.previous_refresh_hash, _hash(claims["jti"]))):
            end(session, request, reason="an old refresh token came back")
        return None


def sign_out(refresh_token: str, access_token: str, request: Any) -> None:
    """End the session that either token belongs to (an old refresh token ends it too);
    nothing when there is none.
    """
    token, purpose = access_token, ACCESS
    if refresh_token:
        token, purpose = refresh_token, REFRESH
    claims = _read(token, purpose)
    session = None
    if claims:
        session = _living().filter(pk=claims["sid"]).first()
    if session is not None:
        end(session, request)


def end(session: ApiSession, request: Any = None, *, reason: str = "") -> None:
    """Revoke a sign-in's session: none of its tokens works from now on."""
    with transaction.atomic():
        ended = ApiSession.objects.filter(pk=session.pk, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        if ended:
            user = session.user
            audit.record(
                "session.signed_out",
                actor=user,
                target=user,
                request=request,
                way="api",
                reason=reason,
            )


def end_all(user: User) -> int:
    """End every API session of a person; how many there were."""
    return ApiSession.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def _living() -> Any:
    return ApiSession.objects.select_related("user").filter(
        revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True
    )


def _holds(session: ApiSession, claims: dict[str, Any]) -> bool:
    user = session.user
    if user.is_demo and not settings.DEMO:
        return False
    return str(user.pk) == claims["sub"] and any(
        hmac.compare_digest(_mark(user, key), claims["ver"]) for key in _keys()
    )


def _rotate(session: ApiSession, now: datetime) -> Pair:
    nonce = uuid.uuid4().hex
    session.previous_refresh_hash, session.refresh_hash = session.refresh_hash, _hash(nonce)
    session.rotated_at = now
    session.save(update_fields=["previous_refresh_hash", "refresh_hash", "rotated_at"])
    return _pair(session, nonce, now)


def _pair(session: ApiSession, nonce: str, now: datetime) -> Pair:
    seconds = settings.ACCESS_TOKEN_SECONDS
    access = _sign(session, ACCESS, uuid.uuid4().hex, now, now + timedelta(seconds=seconds))
    return Pair(access, _sign(session, REFRESH, nonce, now, session.expires_at), seconds)


def _sign(
    session: ApiSession, purpose: str, nonce: str, issued: datetime, expires: datetime
) -> str:
    claims = {
        "sub": str(session.user_id),
        "sid": str(session.pk),
        "jti": nonce,
        "ver": _mark(session.user, settings.SECRET_KEY),
        "iat": issued,
        "exp": expires,
    }
    return jwt.encode(
        claims, derive(settings.SECRET_KEY, f"koppel/{purpose}-token".encode()), ALGORITHM
    )


def _read(token: str, purpose: str) -> dict[str, Any] | None:
    for key in _keys():
        try:
            claims = jwt.decode(
                token,
                derive(key, f"koppel/{purpose}-token".encode()),
                algorithms=[ALGORITHM],
                options={"require": ["sub", "sid", "jti", "ver", "exp"]},
            )
            uuid.UUID(claims["sid"])
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            continue
        if all(isinstance(claims[name], str) for name in ("sub", "jti", "ver")):
            return claims
        return None
    return None


def _hash(nonce: str) -> str:
    # A plain hash is enough: the nonce is 122 random bits, so there is nothing to guess.
    return hashlib.sha256(nonce.encode()).hexdigest()


def _keys() -> tuple[str, ...]:
    """Return the key that signs, then those that signed before it and may still be shown."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _mark(user: User, key: str) -> str:
    """Return what changes with the password and says nothing about it."""
    return hmac.new(
        derive(key, b"koppel/password-mark"), f"{user.pk}:{user.password}".encode(), hashlib.sha256
    ).hexdigest()[:24]
