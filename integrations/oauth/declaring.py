"""What a provider declares of its OAuth: a vendor's oddities are values,
and no code asks for names.

HUBSPOT = OAuth(
    authorize="https://app.hubspot.com/oauth/authorize",
    token="https://api.hubapi.com/oauth/2026-03/token",
    revoke="https://api.hubapi.com/oauth/2026-03/token/revoke",
    allowed=("api.hubapi.com",),
    api_base="https://api.hubapi.com",
    scopes=("oauth", "crm.objects.contacts.read"),
    whose=whose_account,
)

Addresses are written whole, as the vendor has them; `<PROVIDER>_BASE_URL` takes the place of all
their hosts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from core.http import Client

FORM: Final = "client_secret_post"
BASIC: Final = "client_secret_basic"
ACCESS: Final = "access_token"
REFRESH: Final = "refresh_token"


@dataclass(frozen=True, slots=True)
class ExternalAccount:
    """Whose the grant is at the vendor.

    The id is the same whenever the same account connects again, and of no other
    account: with another id a reconnection is refused. Where a grant is a person's in a
    company: `company:person`.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class OAuth:
    """How a vendor gives, renews and takes back its grants.

    `whose` asks the vendor, with a client that has the fresh token and the account's API base, who
    that is: its cheapest call. `allowed` are the hosts that may be learned from an answer or the
    browser's address: a name as it is, or `*.example.com` for every name below it; always https.
    """

    authorize: str
    token: str
    revoke: str
    allowed: Sequence[str]
    whose: Callable[[Client], ExternalAccount]
    scopes: Sequence[str] = ()
    scope_joiner: str = " "
    # How the client says who it is: in the form, or as Basic.
    client_auth: Literal["client_secret_post", "client_secret_basic"] = FORM
    pkce: bool = True
    # What the vendor wants in the address of its page beyond the usual.
    parameters: Mapping[str, str] = field(default_factory=dict)
    # Other hosts to sign in at, by the word that chooses them: {"sandbox": "https://test.…"}.
    # Where `takes_host`, people may enter another themselves, if it is allowed.
    places: Mapping[str, str] = field(default_factory=dict)
    takes_host: bool = False
    # The parameter of the way back that names the server for the code: Zoho's "accounts-server".
    token_host_from: str = ""
    # Where the API is: always the same, or the field of the token answer that says it.
    api_base: str = ""
    api_base_from: str = ""
    # Refusals come with 200 and {"error": …}.
    error_with_200: bool = False
    # The words for a grant that is gone. All other failures of a renewal are taken to pass.
    gone: frozenset[str] = frozenset({"invalid_grant"})
    # How long a token is taken to live where the answer has no `expires_in`.
    life: timedelta = timedelta(hours=1)
    # After so many days without use the grant dies; None: it does not.
    idle_days: int | None = None
    # Which tokens are taken back, in this order, and whether the client says who it is with them.
    revokes: Sequence[Literal["access_token", "refresh_token"]] = (REFRESH,)
    revokes_as_client: bool = False
    # Whether all grants of the same account go with the one that is taken back.
    revokes_for_all: bool = False
    # Whose grants are gone, of what the vendor sends (DELETE to the way back)
    # when the app is removed there.
    uninstalled: Callable[[Mapping[str, Any]], ExternalAccount] | None = None
    # The scheme of the Authorization header.
    scheme: str = "Bearer"

    @property
    def scope(self) -> str:
        """The scopes as the vendor wants them written; '' where it has them
        from its own settings.
        """
        return self.scope_joiner.join(self.scopes)
