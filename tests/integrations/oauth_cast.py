"""A vendor that people sign in at, in the four shapes that there are, its provider,
and a browser's way to it and back.

Its stand-in is the OAuth half of the real four, with one call beside it: whose the token is.
"""

import base64
import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from core import vendors
from core.http import BearerKey, CallContext, Client
from core.models import User, VendorAccount
from core.vendors import Field, Found, Probe, Values, Vendor, declarations
from crm.models import Organization
from integrations import oauth, registry
from integrations.models import Integration, OAuthGrant
from integrations.oauth.declaring import BASIC, ExternalAccount, OAuth
from integrations.providers.base import Provider, context_of, host
from sandbox.vendors import frame, oauth_shapes
from sandbox.vendors.frame import Reply, Request, route
from sandbox.vendors.oauth_server import CLIENT_ID, CLIENT_SECRET, OAuthServer
from sandbox.vendors.server import Server
from tests.support import people
from tests.support.sandbox import Sandbox

KEY, NAME = "SIGNIN", "signin"
ALL = "/api/dashboard/integrations"
START, CALLBACK = f"{ALL}/oauth/signin/start", f"{ALL}/oauth/signin/callback"


class SignIn(OAuthServer, frame.Vendor):
    """The stand-in; a test gives it the shape that it is about."""

    name = NAME
    oauth = oauth_shapes.HUBSPOT
    switches: ClassVar = OAuthServer.switches

    def account(self, request: Request) -> str:
        return "anybody"

    @route("GET", "/me")
    def me(self, request: Request) -> Reply:
        grant = self.grant(request)
        if grant is None:
            return Reply(401, {"error": "no such token"})
        return Reply(200, {"id": f"id-of-{grant.who}", "name": self.accounts[grant.who]})


def whose(client: Client) -> ExternalAccount:
    found = client.get("/me").json()
    return ExternalAccount(found["id"], found["name"])


def _whose_app(body: Any) -> ExternalAccount:
    who = {1: "first", 2: "second"}.get(body["user_id"], "nobody")
    return ExternalAccount(f"id-of-{who}", "")


# What the four declare, as far as it matters: hosts are the stand-in's anyway.
_PLAIN = OAuth(
    authorize=f"https://app.signin.example{oauth_shapes.HUBSPOT.authorize}",
    token=f"https://api.signin.example{oauth_shapes.HUBSPOT.token}",
    revoke=f"https://api.signin.example{oauth_shapes.HUBSPOT.revoke}",
    allowed=("*.signin.example",),
    api_base="https://api.signin.example",
    scopes=("oauth", "contacts"),
    revokes_as_client=True,
    revokes_for_all=True,
    whose=whose,
)


def _of(shape: oauth_shapes.Shape, **values: Any) -> OAuth:
    addresses = {
        name: f"https://login.signin.example{getattr(shape, name)}"
        for name in ("authorize", "token", "revoke")
    }
    return replace(_PLAIN, **addresses, **values)


OAUTHS: dict[str, tuple[oauth_shapes.Shape, OAuth]] = {
    "salesforce": (
        oauth_shapes.SALESFORCE,
        _of(
            oauth_shapes.SALESFORCE,
            api_base_from="instance_url",
            places={"sandbox": "https://test.signin.example"},
            takes_host=True,
            revokes_as_client=False,
            revokes_for_all=False,
            idle_days=30,
        ),
    ),
    "hubspot": (oauth_shapes.HUBSPOT, _PLAIN),
    "zoho": (
        oauth_shapes.ZOHO,
        _of(
            oauth_shapes.ZOHO,
            scope_joiner=",",
            parameters={"access_type": "offline", "prompt": "consent"},
            token_host_from="accounts-server",
            api_base_from="api_domain",
            error_with_200=True,
            gone=frozenset({"invalid_code", "invalid_grant"}),
            revokes_as_client=False,
            revokes_for_all=False,
            scheme="Zoho-oauthtoken",
        ),
    ),
    "pipedrive": (
        oauth_shapes.PIPEDRIVE,
        _of(
            oauth_shapes.PIPEDRIVE,
            client_auth=BASIC,
            pkce=False,
            scopes=(),
            api_base_from="api_domain",
            idle_days=60,
            uninstalled=_whose_app,
        ),
    ),
}


def client_for(account: VendorAccount, values: Values, context: CallContext) -> Client:
    auth: Any = oauth.auth_of(account, values)
    base = auth.api_base if auth else host(KEY, "https://api.signin.example")
    if auth is None and "token" in values:
        auth = BearerKey(values.secret("token"))
    return Client(NAME, str(account.pk), base, auth, (), context, on_answer=values.note_answer)


def _who(account: VendorAccount, values: Values) -> Found:
    found = whose(client_for(account, values, context_of(account, "test")))
    return Found(found.name, {"accountInfo": {"name": found.name}})


def provider_with(declared: OAuth) -> Provider:
    vendor = Vendor(
        NAME,
        "Sign-in",
        fields=(
            Field("token", "Token", secret=True, required=False),
            Field("mode", "Mode", required=False, default="simple"),
        ),
        probes=(Probe("Whose it is", _who),),
    )
    return Provider(
        key=KEY,
        vendor=vendor,
        types=(Integration.Type.CRM,),
        description="A vendor of the tests",
        icon="users",
        docs_url="https://signin.example/docs",
        client=client_for,
        oauth=declared,
    )


def declare(kind: str) -> Provider:
    """Declare the provider in a process of its own, which ends with its test."""
    return registry.declare(provider_with(OAUTHS[kind][1]))


class Company:
    """The vendor with its stand-in, as a test sees it."""

    def __init__(self, sandbox: Sandbox, provider: Provider, stand_in: SignIn) -> None:
        self.sandbox = sandbox
        self.provider = provider
        self.stand_in = stand_in

    def turn(self, **switches: Any) -> None:
        self.sandbox.turn(NAME, **switches)

    def act(self, name: str, **wishes: Any) -> Any:
        return self.sandbox.act(NAME, name, **wishes)

    @property
    def grants(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.act("grants")
        return found

    def asked(self, path: str = "") -> list[dict[str, Any]]:
        return self.sandbox.journal(NAME, path)

    def renewals(self) -> int:
        """How often a token was asked for by a refresh token."""
        return sum("grant_type=refresh_token" in entry["body"] for entry in self.asked())

    def visit(self, url: str, who: str = "first") -> str:
        """Go where a person is sent, consent as `who`, and return where they are sent back to."""
        self.turn(consents=who)
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 302, answer.status
        return answer.headers["Location"]

    def declare_as(self, **values: Any) -> None:
        """Have the provider declare its OAuth otherwise."""
        changed = replace(self.provider, oauth=replace(self.provider.oauth, **values))  # type: ignore[type-var]
        registry._known[KEY] = self.provider = changed


@pytest.fixture
def shape() -> str:
    """Which of the four; a test may be for all, by parametrizing it."""
    return "hubspot"


@pytest.fixture
def company(shape: str, sandbox: Sandbox, sandbox_server: Server) -> Iterator[Company]:
    """The vendor in this shape, set up on this installation."""
    with opened(shape, sandbox, sandbox_server) as found:
        yield found


@contextmanager
def opened(kind: str, sandbox: Sandbox, server: Server) -> Iterator[Company]:
    """Set the vendor up in this shape for as long as the block lasts."""
    known, declared = OAUTHS[kind]
    provider, stand_in = provider_with(declared), SignIn()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SignIn, "oauth", known)
        patch.setitem(registry._known, KEY, provider)
        patch.setitem(declarations._declared, NAME, provider.vendor)
        patch.setitem(server.box.vendors, NAME, stand_in)
        for name, value in environment(sandbox).items():
            patch.setenv(name, value)
        yield Company(sandbox, provider, stand_in)


def environment(sandbox: Sandbox) -> dict[str, str]:
    return {
        f"{KEY}_BASE_URL": sandbox.url(NAME),
        f"{KEY}_CLIENT_ID": CLIENT_ID,
        f"{KEY}_CLIENT_SECRET": CLIENT_SECRET,
    }


def begin(client: Any, path: str = START) -> str:
    """Return where a person is sent, as JSON says it."""
    answer = client.get(path, HTTP_ACCEPT="application/json")
    assert answer.status_code == 200, answer.content
    return str(answer.json()["url"])


def come_back(client: Any, location: str, **headers: str) -> Any:
    """Bring the browser back to Koppel."""
    parts = urlsplit(location)
    return client.get(f"{parts.path}?{parts.query}", **headers)


def connect(company: Company, client: Any, who: str = "first") -> Integration:
    """Connect by signing in, all the way, over HTTP."""
    answer = come_back(client, company.visit(begin(client), who))
    assert answer.status_code == 302, answer.content
    assert answer["Location"].startswith("/dashboard/integrations?connected="), answer["Location"]
    return Integration.objects.select_related("account").get(
        pk=answer["Location"].partition("=")[2]
    )


def ended(grant: OAuthGrant) -> OAuthGrant:
    """Let its access token end, as far as Koppel knows."""
    OAuthGrant.objects.filter(pk=grant.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    grant.refresh_from_db()
    return grant


def ask(integration: Integration) -> str:
    """Make one call for an integration, and return whose it says that it is."""
    account = integration.account
    client = client_for(account, vendors.current(account), context_of(account, "test"))
    return str(client.get("/me").json()["id"])


def person_in(role: str = "CEO", of: Organization | None = None) -> tuple[User, Any]:
    user = people.member(role, of or people.organization())
    return user, people.client_of(user)


def vendors_own(client: Any) -> Any:
    """Have a client call as the vendor does: as who has the app's id and secret."""
    proof = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    client.credentials(HTTP_AUTHORIZATION=f"Basic {proof}")
    return client
