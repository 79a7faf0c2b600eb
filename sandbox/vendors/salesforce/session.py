"""Who asks: sign-in, tokens, the daily limit, and what the account says of itself."""

import base64
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import parse_qsl

from sandbox.vendors.frame import Limit, Reply, Request, Stop, route
from sandbox.vendors.oauth_server import OAuthServer
from sandbox.vendors.oauth_shapes import SALESFORCE, Grant
from sandbox.vendors.salesforce.contacts import long_id
from sandbox.vendors.salesforce.refusals import error, no_session, not_found, refused

DATA: Final = "/services/data/{version}"
OLDEST, NEWEST = 31, 68
# Tokens that need no sign-in, a user's each: made up, worth nothing anywhere else.
DEMO_TOKENS: Final = (
    "00D5g!koppel-demo.salesforce-token_0001",
    "00D5g!koppel-demo.salesforce-token_0002",
)
HTML: Final = {"Content-Type": "text/html; charset=UTF-8"}


@dataclass(frozen=True)
class User:
    """Who stands behind a token, and the organization that the token sees."""

    number: int
    name: str
    organization: str

    @property
    def id(self) -> str:
        return long_id("005", self.number)

    @property
    def organization_id(self) -> str:
        return long_id("00D", 76 + self.number)

    @property
    def word(self) -> str:
        return self.name.lower().replace(" ", ".")


USERS: Final = {
    "first": User(1, "Robin Hale", "Koppel Trial"),
    "second": User(2, "Sam Ortega", "Another Trial"),
}


class Session(OAuthServer):
    """Mixed into the stand-in before Vendor."""

    oauth = SALESFORCE
    keys: ClassVar = dict(zip(("Access token", "Another user's"), DEMO_TOKENS, strict=True))
    limits: ClassVar = {"daily": Limit(15_000, 86_400)}
    accounts: ClassVar = {who: f"{user.name} of {user.organization}" for who, user in USERS.items()}

    def user(self, request: Request) -> User | None:
        """Return whose token a call has; None for one that serves nobody."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme not in {"Bearer", "OAuth"} or token in self.switched["revoked"]:
            return None
        if token in DEMO_TOKENS:
            return list(USERS.values())[DEMO_TOKENS.index(token)]
        grant = self.grant(request)
        return USERS[grant.who] if grant else None

    def account(self, request: Request) -> str:
        if request.path.rstrip("/") == "/services/data":
            return ""
        user = self.user(request)
        if user is None and request.path.startswith("/services/oauth2/"):
            raise Stop(Reply(403, b"Bad_OAuth_Token", HTML))
        if user is None:
            raise no_session()
        if not self.switched["api_enabled"]:
            raise refused(
                403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."
            )
        return user.organization_id

    def limit(self, name: str) -> Limit:
        return Limit(int(self.switched["daily_limit"]), self.limits[name].seconds)

    def limit_headers(self, limit: Limit, remaining: int, reset: float) -> dict[str, str]:
        return {"Sforce-Limit-Info": f"api-usage={limit.calls - remaining}/{limit.calls}"}

    def limited(self, limit: Limit, wait: float) -> Reply:
        body = [error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")]
        return Reply(403, body, self.limit_headers(limit, 0, wait))

    def unknown(self, request: Request) -> Reply:
        if request.path.startswith("/services/data/"):
            return not_found().reply
        return Reply(404, b"<html><body>Not found</body></html>", HTML)

    def _answered(self, request: Request) -> Reply:
        """Give a token of the user whom the app runs as; all other grants are OAuth's own."""
        if b"grant_type=client_credentials" not in request.body:
            return super()._answered(request)
        if not self.switched["client_credentials"]:
            return self._refusal("invalid_grant", "no client credentials user enabled")
        try:
            self._check_client(request, _client_of(request))
        except Stop as stop:
            return stop.reply
        with self.lock:
            self.grants.append(Grant("first", "api", ""))
            return self._token_answer(request, self.grants[-1], is_first=True)

    @route("GET", "/services/oauth2/userinfo")
    def userinfo(self, request: Request) -> Reply:
        user = self.user(request)
        if user is None or not self.switched["identity"]:
            return Reply(403, b"Missing_OAuth_Token", HTML)
        base = self.base(request)
        return Reply(
            200,
            {
                "sub": f"{base}/id/{user.organization_id}/{user.id}",
                "user_id": user.id,
                "organization_id": user.organization_id,
                "preferred_username": f"{user.word}@trial.example",
                "name": user.name,
                "email": f"{user.word}@example.com",
                "email_verified": True,
                "zoneinfo": "Europe/Brussels",
                "active": True,
                "urls": {"rest": f"{base}/services/data/v{{version}}/"},
            },
        )

    @route("GET", "/services/data")
    def versions(self, _request: Request) -> Reply:
        """List the versions: to anybody."""
        numbers = [f"{number}.0" for number in range(OLDEST, NEWEST + 1)]
        rows = [
            {"label": f"Release {n}", "version": n, "url": f"/services/data/v{n}"} for n in numbers
        ]
        return Reply(200, rows)

    @route("GET", f"{DATA}/limits", ("daily",))
    def limits_left(self, request: Request, version: str) -> Reply:
        check_version(version)
        most, account = self.limit("daily").calls, self.account(request)
        with self.lock:
            used = len(self._calls.get((account, "daily"), ()))
        left = {"Max": most, "Remaining": max(0, most - used)}
        return Reply(
            200,
            {"DailyApiRequests": left, "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000}},
        )


def _client_of(request: Request) -> dict[str, str]:
    """Return who the client says it is: in the form, or as Basic."""
    form = dict(parse_qsl(request.body.decode(errors="replace")))
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        name, _, secret = base64.b64decode(value).decode(errors="replace").partition(":")
        form |= {"client_id": name, "client_secret": secret}
    return form


def check_version(version: str) -> None:
    """Stop where there is no such version of the API, or none any more."""
    number = version.removeprefix("v").removesuffix(".0")
    if not (version.startswith("v") and version.endswith(".0") and number.isdecimal()):
        raise not_found()
    if not OLDEST <= int(number) <= NEWEST:
        raise not_found()
