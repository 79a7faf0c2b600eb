"""Who asks: sign-in, tokens, scopes, credits, and what the account says of itself."""

import time
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from sandbox.vendors.frame import Limit, Reply, Request, Stop, route
from sandbox.vendors.oauth_server import OAuthServer
from sandbox.vendors.oauth_shapes import ZOHO, Grant
from sandbox.vendors.zoho.refusals import body, invalid_token, no_such_url, scope_mismatch

API: Final = "/crm/{version}"
# Tokens that need no sign-in, a user's each: made up, worth nothing anywhere else.
DEMO_TOKENS: Final = ("1000.koppel-demo.zoho-token_0001", "1000.koppel-demo.zoho-token_0002")
# A code that the self client of the console made, and a refresh token that such a code gave.
SELF_CODE: Final = "1000.koppel-demo.zoho-code_0001"
SELF_REFRESH: Final = "1000.koppel-demo.zoho-refresh_0001"
SCOPES: Final = (
    "ZohoCRM.modules.contacts.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ",
    "ZohoCRM.settings.fields.READ",
)  # fmt: skip
SOID: Final = "ZohoCRM.20091234567"
NAMES: Final = {"first": ("Robin Hale", "Koppel Trial"), "second": ("Sam Ortega", "Another Trial")}
_MINT_SECONDS: Final = 600


class Session(OAuthServer):
    """Mixed into the stand-in before Vendor."""

    oauth = ZOHO
    keys: ClassVar = {
        "Access token": DEMO_TOKENS[0], "Another user's": DEMO_TOKENS[1],
        "Self client's code": SELF_CODE, "Self client's refresh token": SELF_REFRESH,
    }  # fmt: skip
    limits: ClassVar = {"credits": Limit(50_000, 86_400), "concurrency": Limit(600, 60)}
    accounts: ClassVar = {who: f"{person} of {company}" for who, (person, company) in NAMES.items()}

    def reset(self) -> None:
        super().reset()
        self.grants.append(Grant("first", ",".join(SCOPES), SELF_REFRESH))
        self._self_code_is_used = False
        self._minted: dict[str, list[float]] = {}

    def who(self, request: Request) -> str:
        """Return whose token a call has; '' for one that serves nobody."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme not in {"Zoho-oauthtoken", "Bearer"} or token in self.switched["revoked"]:
            return ""
        if token in DEMO_TOKENS:
            return list(NAMES)[DEMO_TOKENS.index(token)]
        grant = self.grant(request)
        return grant.who if grant else ""

    def account(self, request: Request) -> str:
        if request.path.rstrip("/") == "/oauth/serverinfo":
            return ""
        who = self.who(request)
        if not who:
            raise invalid_token()
        return who

    def needs(self, scope: str) -> None:
        """Stop where this scope was not granted."""
        if scope in self.switched["lacks"]:
            raise scope_mismatch()

    def limit(self, name: str) -> Limit:
        if name == "credits":
            return Limit(int(self.switched["credits"]), self.limits[name].seconds)
        return self.limits[name]

    def limit_headers(self, limit: Limit, remaining: int, reset: float) -> dict[str, str]:
        """Name what is left, once half is used."""
        if limit.seconds < 86_400 or remaining > limit.calls // 2:
            return {}
        return {"X-API-CREDITS-REMAINING": str(remaining)}

    def limited(self, limit: Limit, wait: float) -> Reply:
        message = (
            "You have exceeded the maximum number of requests allowed. Please try after some time."
        )
        return Reply(429, body("TOO_MANY_REQUESTS", message))

    def unknown(self, request: Request) -> Reply:
        return no_such_url().reply

    # --- Tokens beyond those of a redirect --------------------------------------------------------
    def _answered(self, request: Request) -> Reply:
        """Answer a self client too, and whoever mints too often: with 200, as ever."""
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        kind = form.get("grant_type")
        is_self = kind == "authorization_code" and "redirect_uri" not in form
        try:
            if kind == "refresh_token" and not self._may_mint(form.get("refresh_token", "")):
                refusal = (
                    "You have made too many requests continuously. Please try again "
                    "after some time."
                )
                return Reply(
                    200,
                    {"error": "Access Denied", "status": "failure", "error_description": refusal},
                )
            if is_self or kind == "client_credentials":
                self._check_client(request, form)
                with self.lock:
                    return self._token_answer(request, self._of_self_client(form), is_first=True)
        except Stop as stop:
            return stop.reply
        return super()._answered(request)

    def _of_self_client(self, form: dict[str, str]) -> Grant:
        if form["grant_type"] == "client_credentials":
            if form.get("soid") != SOID or not form.get("scope"):
                raise Stop(self._refusal("invalid_soid", "invalid soid"))
            self.grants.append(Grant("first", form["scope"], ""))
            return self.grants[-1]
        if form.get("code") != SELF_CODE or self._self_code_is_used:
            raise Stop(self._refusal("invalid_code", "invalid code"))
        self._self_code_is_used = True
        return self.grants[0]

    def _may_mint(self, token: str) -> bool:
        with self.lock:
            now = time.monotonic()
            minted = [at for at in self._minted.get(token, []) if at > now - _MINT_SECONDS]
            self._minted[token] = [*minted, now]
        return len(minted) < int(self.switched["mints"])

    # --- The account ------------------------------------------------------------------------------
    @route("GET", "/oauth/serverinfo")
    def server_info(self, request: Request) -> Reply:
        places = ("us", "eu", "in", "au", "cn", "jp", "ca", "sa")
        return Reply(
            200, {"result": "success", "locations": {place: self.base(request) for place in places}}
        )

    @route("GET", f"{API}/users", ("concurrency", "credits"))
    def users(self, request: Request, version: str) -> Reply:
        check_version(version)
        self.needs("ZohoCRM.users.READ")
        who = self.who(request)
        name = NAMES[who][0]
        number = list(NAMES).index(who)
        user: dict[str, Any] = {
            "id": f"584310400000008300{number + 1}", "full_name": name,
            "first_name": name.split()[0], "last_name": name.split()[1],
            "email": f"{name.lower().replace(' ', '.')}@example.com", "zuid": f"2009{number}11111",
            "status": "active", "time_zone": "Europe/Brussels", "locale": "nl_BE",
            "role": {"name": "CEO", "id": "5843104000000026005"},
            "profile": {"name": "Administrator", "id": "5843104000000026011"},
        }  # fmt: skip
        return Reply(
            200,
            {
                "users": [user],
                "info": {"per_page": 200, "count": 1, "page": 1, "more_records": False},
            },
        )

    @route("GET", f"{API}/org", ("concurrency", "credits"))
    def org(self, request: Request, version: str) -> Reply:
        check_version(version)
        self.needs("ZohoCRM.org.READ")
        who = self.who(request)
        number = list(NAMES).index(who)
        org: dict[str, Any] = {
            "id": f"584310400000000022{number}", "zgid": f"2009{number}234567",
            "company_name": NAMES[who][1], "primary_email": "office@example.com",
            "domain_name": f"org2009{number}234567", "country_code": "BE", "iso_code": "EUR",
            "time_zone": "Europe/Brussels", "max_per_page": 100,
            "license_details": {"paid": True, "paid_type": str(self.switched["edition"]),
                                "trial_expiry": None,
                                "users_license_purchased": 10},
        }  # fmt: skip
        return Reply(200, {"org": [org]})


def check_version(version: str) -> None:
    """Stop where there is no such version of the API."""
    if version not in {f"v{number}" for number in range(2, 9)}:
        raise no_such_url()
