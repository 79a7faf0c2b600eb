"""Access tokens that a pasted client id and secret give: shared by all workers,
minted by one of them at a time.

A vendor gives few of them (Zoho ten in ten minutes), so all processes use one until it is
refused or its time is over. It is kept sealed, outside of the database: a token that is lost is
minted again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.core.cache import cache
from django.db import transaction

from core import locks
from core.http.auth import Auth, BearerKey, Outgoing
from core.masking import Secret
from core.secrets import crypto
from core.secrets.crypto import CannotOpen

LEEWAY: Final = 120
SHORTEST: Final = 60


@dataclass(frozen=True)
class Token:
    """A token as a vendor gave it: where its API is, and for how many seconds
    it is taken to live.
    """

    secret: Secret
    api_base: str
    seconds: int = 3600


Mint = Callable[[], Token]


@dataclass(frozen=True)
class MintedKey:
    """An auth that is minted anew when the vendor refuses it."""

    secret: Secret
    scheme: str
    again: Callable[[Secret], Auth] = field(repr=False, compare=False)

    def apply(self, request: Outgoing) -> None:
        BearerKey(self.secret, self.scheme).apply(request)

    def renew(self) -> Auth | None:
        """Return what another worker has minted meanwhile, else a new one;
        VendorError where there is none to have.
        """
        return self.again(self.secret)


def signed_in(name: str, mint: Mint, scheme: str = "Bearer") -> tuple[Auth, str]:
    """Return the auth of these credentials and where their API is; `name` stands for them,
    and holds no secret.
    """
    token = _kept(name) or _minted(name, mint, instead_of=None)
    return _key(name, mint, scheme, token), token.api_base


def forget(name: str) -> None:
    """Mint anew next time."""
    cache.delete(_place(name))


def _key(name: str, mint: Mint, scheme: str, token: Token) -> MintedKey:
    def again(refused: Secret) -> Auth:
        return _key(name, mint, scheme, _minted(name, mint, instead_of=refused))

    return MintedKey(token.secret, scheme, again)


def _minted(name: str, mint: Mint, instead_of: Secret | None) -> Token:
    """Mint a token, unless another worker has: all others wait, under the lock,
    for the vendor's answer.
    """
    with transaction.atomic():
        locks.hold("integrations.minting", name)
        known = _kept(name)
        if known is not None and known.secret != instead_of:
            return known
        token = mint()
        kept = json.dumps([token.secret.reveal(), token.api_base, token.seconds])
        cache.set(
            _place(name),
            crypto.seal(kept, _sealed_for(name)),
            max(SHORTEST, token.seconds - LEEWAY),
        )
    return token


def _kept(name: str) -> Token | None:
    sealed = cache.get(_place(name))
    if sealed is None:
        return None
    try:
        secret, api_base, seconds = json.loads(crypto.open_sealed(sealed, _sealed_for(name)))
    except CannotOpen:
        return None
    return Token(Secret(secret), api_base, seconds)


def _place(name: str) -> str:
    return f"integrations:token:{name}"


def _sealed_for(name: str) -> crypto.Place:
    return crypto.Place("cache", name, "access_token")
