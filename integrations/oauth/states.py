"""Sign-ins under way: begun for one person, come back once, within ten minutes."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from core.masking import Secret
from core.models import User
from core.secrets import crypto
from crm.models import Organization
from integrations.models import Integration, OAuthState
from integrations.oauth.problems import Problem, UnknownReturn

LIFE: Final = timedelta(minutes=10)
BYTES: Final = 32
_PURPOSE: Final = "oauth-state"


def begin(
    provider_key: str,
    user: User,
    organization: Organization,
    integration: Integration | None,
    *,
    place: str = "",
    name: str = "",
    session: str = "",
) -> tuple[str, str]:
    """Keep a sign-in that begins, and return the state for the browser and the verifier."""
    secret = secrets.token_urlsafe(BYTES)
    verifier = secrets.token_urlsafe(2 * BYTES)
    row = OAuthState.objects.create(
        secret_hash=_hash(secret),
        user=user,
        organization=organization,
        provider=provider_key,
        integration=integration,
        session_hash=_hash(session) if session else "",
        place=place,
        name=name,
        verifier=verifier,
        expires_at=timezone.now() + LIFE,
    )
    return f"{row.pk.hex}.{secret}", verifier


def session_of(request: Any) -> str:
    """Return the key of the browser's session that a request is of; '' for a program's."""
    session = getattr(request, "session", None)
    return getattr(session, "session_key", "") or ""


def claim(state: str, provider_key: str, user: User, session: str) -> tuple[OAuthState, Secret]:
    """Return the sign-in that has come back, with its verifier, and delete it:
    nobody claims it again.

    UnknownReturn where it is another person's, who may still come back;
    Problem where there is none, or where it was begun in another session of this person.
    """
    key, _dot, secret = state.partition(".")
    try:
        found = OAuthState.objects.select_related("organization").filter(pk=UUID(hex=key)).first()
    except ValueError:
        found = None
    if found is None or not hmac.compare_digest(found.secret_hash, _hash(secret)):
        raise Problem("expired")
    if found.user_id != user.pk:
        raise UnknownReturn
    if found.session_hash and not hmac.compare_digest(found.session_hash, _hash(session)):
        raise Problem("start_again")
    verifier = Secret(found.verifier.reveal())
    deleted, _by_model = OAuthState.objects.filter(pk=found.pk).delete()
    is_right = found.provider == provider_key and found.expires_at > timezone.now()
    if not deleted or not is_right:
        raise Problem("expired")
    return found, verifier


def forget(now: datetime) -> int:
    """Drop those that nobody came back with."""
    deleted, _by_model = OAuthState.objects.filter(expires_at__lt=now).delete()
    return deleted


def _hash(secret: str) -> str:
    return crypto.mac(_PURPOSE, secret.encode("utf-8", "surrogatepass"))
