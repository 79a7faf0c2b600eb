"""How a call says who it is, from what a person entered as JSON:
a key, a token, user and password, or OAuth 2.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.errors import LOST_KEY, BadCredentials
from core.http import Auth, BasicKey, BearerKey, CallContext, HeaderKey, QueryKey
from core.masking import Secret
from core.secrets.crypto import CannotOpen
from core.vendors import Values
from integrations.providers.freeform import grants
from integrations.providers.freeform.refusals import NO_PART, ODD_USER, AtPath

# How people name each part; the first is how we do.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "apiKey": ("apiKey", "api_key", "key", "token", "value"),
    "token": ("token", "accessToken", "access_token", "bearer", "apiKey"),
    "username": ("username", "user", "login", "email"),
    "password": ("password", "pass", "secret"),
    "clientId": ("clientId", "client_id"),
    "clientSecret": ("clientSecret", "client_secret"),
}


def auth_of(vendor: str, values: Values, context: CallContext) -> Auth:
    """Return what is added to each call; AtPath where a part is missing, BadCredentials where
    it cannot be used.
    """
    parts = _parts(vendor, values)
    match values.text("authType"):
        case "API_KEY":
            return _key(vendor, values, _part(vendor, parts, "apiKey"))
        case "BASIC":
            user = _part(vendor, parts, "username")
            if ":" in user:
                raise BadCredentials(vendor, ODD_USER)
            return BasicKey(user, Secret(_part(vendor, parts, "password")))
        case "OAUTH2":
            grant = grants.Grant(
                vendor,
                values.fingerprint,
                values.text("tokenUrl"),
                _part(vendor, parts, "clientId"),
                Secret(_part(vendor, parts, "clientSecret")),
                values.text("scope"),
                context,
            )
            return grants.token_of(grant)
        case _:
            return BearerKey(Secret(_part(vendor, parts, "token", only=True)))


def _key(vendor: str, values: Values, key: str) -> Auth:
    name = values.text("apiKeyName") or "X-API-Key"
    if values.text("apiKeyIn") == "QUERY":
        return QueryKey(name, Secret(key))
    return HeaderKey(name, Secret(key))


def _parts(vendor: str, values: Values) -> dict[str, str]:
    try:
        text = values.secret("credentials").reveal()
    except CannotOpen as error:
        raise BadCredentials(vendor, LOST_KEY) from error
    try:
        found: Any = json.loads(text)
    except ValueError:
        found = {}
    if not isinstance(found, Mapping):
        return {}
    return {str(name): part for name, part in found.items() if isinstance(part, str)}


def _part(vendor: str, parts: Mapping[str, str], wanted: str, *, only: bool = False) -> str:
    """Return a part by any of its names; a token may have whatever name where
    nothing else is there.
    """
    for name in NAMES[wanted]:
        if parts.get(name):
            return parts[name]
    if only and len(parts) == 1:
        return next(iter(parts.values()))
    raise AtPath(vendor, NO_PART, wanted)
