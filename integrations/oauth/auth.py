"""How calls are signed where a grant is kept: by its access token, which is renewed before it ends
and after a 401.
"""

import threading
from datetime import timedelta
from typing import Final
from uuid import UUID

from core.errors import RateLimited, Temporary
from core.http.auth import Auth, Outgoing
from core.masking import Secret
from core.models import VendorAccount
from core.vendors import Values
from integrations.models import OAuthGrant
from integrations.oauth import hosts
from integrations.oauth.problems import GrantGone
from integrations.oauth.renewing import LEEWAY, Token, renewed, speaker_of, token_of

_NOW: Final = timedelta(0)


class GrantAuth:
    """The access token of one grant, as fresh as it is when a call goes out. Safe in threads.

    `api_base` is where the vendor said that the API of this account is.
    """

    def __init__(
        self, vendor: str, grant_id: UUID, token: Token, *, scheme: str, api_base: str
    ) -> None:
        self._vendor = vendor
        self.api_base = api_base
        self.scheme = scheme
        self._grant_id = grant_id
        self._token = token
        # What this thread's call was shown as its secret is what it is signed with:
        # the log is cleaned of that one.
        self._of_thread = threading.local()

    @property
    def secret(self) -> Secret:
        """The token for the call that this thread makes; it is renewed first where
        it is about to end.
        """
        token = self._token
        if token.ends_within(LEEWAY):
            token = self._renewed(token)
        self._of_thread.token = token
        return token.secret

    def apply(self, request: Outgoing) -> None:
        token: Token = getattr(self._of_thread, "token", self._token)
        request.headers["Authorization"] = f"{self.scheme} {token.secret.reveal()}"

    def renew(self) -> Auth | None:
        """Have another token in the place of the one that was refused."""
        token: Token = getattr(self._of_thread, "token", self._token)
        self._token = renewed(self._grant_id, token.version, vendor=self._vendor)
        return self

    def _renewed(self, token: Token) -> Token:
        try:
            self._token = renewed(self._grant_id, token.version, vendor=self._vendor)
        except (Temporary, RateLimited):
            # The vendor gives none at the moment; the one in hand may be good to its end.
            if token.ends_within(_NOW):
                raise
            return token
        return self._token


class GoneAuth:
    """The auth of a grant that is gone: no call goes out with it."""

    def __init__(self, vendor: str, *, scheme: str, api_base: str) -> None:
        self.scheme = scheme
        self.api_base = api_base
        self._vendor = vendor

    @property
    def secret(self) -> Secret:
        raise GrantGone(self._vendor)

    def apply(self, request: Outgoing) -> None:
        raise GrantGone(self._vendor)


def grant_of(account: VendorAccount) -> OAuthGrant | None:
    """Return the grant that an account's integration has, whatever has become of it."""
    rows = OAuthGrant.objects.select_related("integration__account")
    return rows.filter(integration__account_id=account.pk).first()


def auth_of(account: VendorAccount, values: Values) -> GrantAuth | GoneAuth | None:
    """Return how an account's calls are signed by its grant; None where none is kept,
    and a pasted secret is used.

    A grant that is gone signs nothing: each call says that it has to be connected again.
    A grant that was disconnected by a person gives way to a secret that is pasted afterwards.
    """
    grant = grant_of(account)
    if grant is None:
        return None
    speaker = speaker_of(grant)
    scheme = speaker.oauth.scheme
    base = grant.api_base or hosts.fixed(speaker.provider, speaker.oauth.api_base)
    if grant.is_live and grant.access_token is not None:
        return GrantAuth(account.vendor, grant.pk, token_of(grant), scheme=scheme, api_base=base)
    has_secret = any(isinstance(value, Secret) for value in values.values())
    if grant.reason == OAuthGrant.Reason.DISCONNECTED and has_secret:
        return None
    return GoneAuth(account.vendor, scheme=scheme, api_base=base)
