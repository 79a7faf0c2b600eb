"""What a token address gave: the tokens, how long they live, what they are for,
and where the API is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from core.errors import UNREADABLE, Temporary
from core.masking import Secret
from integrations.oauth.declaring import REFRESH, OAuth

# The life of a token that is believed, in seconds.
SHORTEST: Final = 60
LONGEST: Final = 30 * 24 * 3600


@dataclass(frozen=True)
class Tokens:
    """What a token address gave."""

    access: Secret
    refresh: Secret | None
    expires_at: datetime
    scopes: list[str]
    # The fields of the answer that say where the API is.
    facts: Mapping[str, str]


def read(vendor: str, oauth: OAuth, answer: Mapping[str, Any]) -> Tokens:
    """Return what an answer gives; Temporary where it gives no token."""
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        raise Temporary(vendor, UNREADABLE)
    refresh = answer.get(REFRESH)
    lasting = None
    if isinstance(refresh, str) and refresh:
        lasting = Secret(refresh)
    facts = {}
    where = answer.get(oauth.api_base_from)
    if isinstance(where, str):
        facts[oauth.api_base_from] = where
    return Tokens(Secret(access), lasting, _ends(oauth, answer), _scopes(answer), facts)


def _ends(oauth: OAuth, answer: Mapping[str, Any]) -> datetime:
    """Return when the access token ends: as the vendor says, or as it is taken
    to where it does not.
    """
    # Old answers of Zoho have milliseconds in the one, and then seconds in the other.
    seconds = answer.get("expires_in_sec") or answer.get("expires_in")
    try:
        life = timedelta(seconds=min(max(int(seconds or ""), SHORTEST), LONGEST))
    except (TypeError, ValueError, OverflowError):
        life = oauth.life
    return timezone.now() + life


def _scopes(answer: Mapping[str, Any]) -> list[str]:
    found = answer.get("scopes") or answer.get("scope") or []
    if isinstance(found, str):
        found = found.replace(",", " ").split()
    if not isinstance(found, list):
        return []
    return [str(scope)[:200] for scope in found][:200]
