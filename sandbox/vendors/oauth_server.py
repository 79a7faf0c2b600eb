"""The OAuth half of a stand-in: consent, codes, tokens that expire and rotate, revoked grants.

class HubSpot(OAuthServer, Vendor):
    name = "hubspot"
    oauth = HUBSPOT
    switches = OAuthServer.switches | {…}

A route of the vendor asks `self.grant(request)` whose token it is; `grant.who` is a key of
`accounts`.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from sandbox.vendors.frame import Reply, Request, Stop
from sandbox.vendors.oauth_shapes import HUBSPOT, PIPEDRIVE, SALESFORCE, ZOHO, Grant, Shape

__all__ = ["HUBSPOT", "PIPEDRIVE", "SALESFORCE", "ZOHO", "Grant", "OAuthServer", "Shape"]

if TYPE_CHECKING:
    from sandbox.vendors.frame import Vendor as Base
else:
    Base = object

# The only client it knows: made up, worth nothing anywhere else.
CLIENT_ID: Final = "koppel-demo-client"
CLIENT_SECRET: Final = "koppel-demo-client-secret_0001"
PAGE_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    # No form-action: it would stop the way back to Koppel, which is a redirect of this form.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


@dataclass
class Code:
    """A code on its way through the browser."""

    who: str
    scope: str
    redirect_uri: str
    challenge: str
    offline: bool
    ends: float


class OAuthServer(Base):
    """Mixed into a stand-in before Vendor."""

    oauth: ClassVar[Shape]
    # Whom the page lets choose: the `who` of the grant, and the name that people read.
    accounts: ClassVar[dict[str, str]] = {"first": "First company", "second": "Second company"}
    switches: ClassVar[dict[str, Any]] = {
        "rate_limits": True,
        # The account that consents at once, without the page; '': a person is asked
        "consents": "",
        "denies": "",  # the error that the page's visitor is sent back with
        "code_life": 0.0,  # seconds; 0: as the vendor has it
        "token_life": 0,  # seconds; 0: as the vendor has it
        "rotates": False,  # whether each renewal replaces the refresh token
        "token_latency": 0.0,  # seconds between a token's making and the answer, 0 to 30
        "answers_as": "",  # the account of the next grant, whoever consented
        "answer_host": "",  # the address that answers name, in place of the stand-in's own
    }

    def reset(self) -> None:
        super().reset()
        self.codes: dict[str, Code] = {}
        self.grants: list[Grant] = []

    def answer(self, request: Request) -> Reply:
        """Answer the addresses of OAuth; all others are the vendor's."""
        acts = {
            ("GET", self.oauth.authorize): self._page,
            ("POST", self.oauth.authorize): self._consented,
            ("POST", self.oauth.token): self._token,
            ("POST", self.oauth.revoke): self._revoked,
        }
        act = acts.get((request.method, request.path.rstrip("/")))
        if act is None:
            return super().answer(request)
        try:
            return act(request)
        except Stop as stop:
            return stop.reply

    def grant(self, request: Request) -> Grant | None:
        """Return the grant that a call's access token is of; None where it lives no more."""
        token = request.headers.get("authorization", "").partition(" ")[2]
        now = time.monotonic()
        with self.lock:
            for grant in self.grants:
                if grant.tokens.get(token, 0) > now:
                    return grant
        return None

    def base(self, request: Request) -> str:
        """Return the address that this stand-in is called by, or the one a test wants named."""
        host = request.headers.get("host", "127.0.0.1")
        return str(self.switched["answer_host"]) or f"http://{host}/{self.name}"

    # --- The page ---------------------------------------------------------------------------------
    def _page(self, request: Request) -> Reply:
        """Show who asks for what, or consent at once where the switch says so."""
        asked = {name: values[-1] for name, values in request.query.items()}
        self._check_asked(asked)
        if self.switched["denies"]:
            return self._back(asked, {"error": str(self.switched["denies"])})
        if self.switched["consents"]:
            return self._coded(request, asked, str(self.switched["consents"]))
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in asked.items()
        )
        buttons = "".join(
            f'<p><button name="who" value="{escape(who)}">Allow as {escape(words)}</button></p>'
            for who, words in self.accounts.items()
        )
        text = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{self.name}: consent</title></head><body><main><h1>{self.name} (stand-in)</h1>"
            f"<p>Koppel asks for: {escape(asked.get('scope', ''))}</p>"
            f'<form method="post">{hidden}{buttons}'
            '<p><button name="who" value="">Deny</button></p></form></main></body></html>'
        )
        return Reply(200, text.encode(), dict(PAGE_HEADERS))

    def _consented(self, request: Request) -> Reply:
        asked = _form(request)
        who = asked.pop("who", "")
        self._check_asked(asked)
        if not who:
            return self._back(asked, {"error": self.oauth.denied})
        if who not in self.accounts:
            return Reply(400, {"error": "There is no such account"})
        return self._coded(request, asked, who)

    def _check_asked(self, asked: Mapping[str, str]) -> None:
        """Stop where the vendor shows an error instead of its page."""
        if asked.get("client_id") != CLIENT_ID:
            raise Stop(Reply(400, {"error": "invalid_client_id"}))
        if asked.get("response_type", "code") != "code" or not asked.get("redirect_uri"):
            raise Stop(Reply(400, {"error": "invalid_request"}))

    def _coded(self, request: Request, asked: Mapping[str, str], who: str) -> Reply:
        code = secrets.token_urlsafe(24)
        life = float(self.switched["code_life"]) or self.oauth.code_life
        challenge = ""
        if self.oauth.pkce and asked.get("code_challenge_method") == "S256":
            challenge = asked.get("code_challenge", "")
        offline = all(asked.get(name) == value for name, value in self.oauth.offline.items())
        with self.lock:
            self.codes[code] = Code(
                who=who,
                scope=asked.get("scope", ""),
                redirect_uri=asked["redirect_uri"],
                challenge=challenge,
                offline=offline,
                ends=time.monotonic() + life,
            )
        return self._back(asked, {"code": code, **self.oauth.way_back(self.base(request))})

    def _back(self, asked: Mapping[str, str], facts: Mapping[str, str]) -> Reply:
        query = dict(facts)
        if "state" in asked:
            query["state"] = asked["state"]
        joiner = "&" if "?" in asked["redirect_uri"] else "?"
        return Reply(
            302, headers={"Location": f"{asked['redirect_uri']}{joiner}{urlencode(query)}"}
        )

    # --- Tokens -----------------------------------------------------------------------------------
    def _token(self, request: Request) -> Reply:
        """Do at once what is asked, and answer after the latency: who gave up misses a rotation."""
        reply = self._answered(request)
        time.sleep(min(30.0, max(0.0, float(self.switched["token_latency"]))))
        return reply

    def _answered(self, request: Request) -> Reply:
        form = _form(request)
        try:
            self._check_client(request, form)
            with self.lock:
                if form.get("grant_type") == "authorization_code":
                    return self._token_answer(request, self._exchanged(form), is_first=True)
                if form.get("grant_type") == "refresh_token":
                    return self._token_answer(request, self._renewed(form), is_first=False)
        except Stop as stop:
            return stop.reply
        return self._refusal("unsupported_grant_type", "grant type not supported")

    def _check_client(self, request: Request, form: Mapping[str, str]) -> None:
        """Stop where the client is not known, or says who it is in the wrong way."""
        given = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if self.oauth.basic:
            given = "", ""
            if scheme.lower() == "basic":
                user, _, password = base64.b64decode(value).decode().partition(":")
                given = user, password
        if given != (CLIENT_ID, CLIENT_SECRET):
            raise Stop(self._refusal("invalid_client", "Invalid client: client is invalid"))

    def _exchanged(self, form: Mapping[str, str]) -> Grant:
        """Make a grant of a code, which is gone by that."""
        gone = self.oauth.gone
        code = self.codes.pop(form.get("code", ""), None)
        is_good = code is not None and code.redirect_uri == form.get("redirect_uri")
        if code is None or not is_good or code.ends < time.monotonic():
            raise Stop(self._refusal(gone, "Invalid grant: authorization code is invalid"))
        if code.challenge and code.challenge != challenge_of(form.get("code_verifier", "")):
            raise Stop(self._refusal(gone, "Invalid grant: invalid code verifier"))
        who = str(self.switched["answers_as"]) or code.who
        self.switched["answers_as"] = ""
        grant = Grant(who, code.scope, secrets.token_urlsafe(32) if code.offline else "")
        self.grants.append(grant)
        return grant

    def _renewed(self, form: Mapping[str, str]) -> Grant:
        """Renew a grant; a refresh token that was replaced already is refused."""
        token = form.get("refresh_token", "")
        for grant in self.grants:
            if token and token in grant.replaced:
                grant.reuses += 1
            if token and token == grant.refresh and not grant.dead:
                grant.renewals += 1
                if self.switched["rotates"]:
                    grant.replaced.add(token)
                    grant.refresh = secrets.token_urlsafe(32)
                return grant
        raise Stop(self._refusal(self.oauth.gone, "Invalid grant: refresh token is invalid"))

    def _token_answer(self, request: Request, grant: Grant, *, is_first: bool) -> Reply:
        life = int(self.switched["token_life"]) or self.oauth.token_life
        token = f"{self.name}-{secrets.token_urlsafe(120)}"
        grant.tokens[token] = time.monotonic() + life
        body: dict[str, Any] = {"access_token": token, "token_type": "Bearer"}
        if self.oauth.says_life:
            body["expires_in"] = life
        names_refresh = is_first or self.oauth.repeats_refresh or bool(self.switched["rotates"])
        if grant.refresh and names_refresh:
            body["refresh_token"] = grant.refresh
        return Reply(200, body | self.oauth.facts(self.base(request), grant))

    def _revoked(self, request: Request) -> Reply:
        """Take a grant back by its refresh token, or an access token alone."""
        form = _form(request)
        token = form.get("token", "")
        if self.oauth.revokes_for_client:
            self._check_client(request, form)
        with self.lock:
            for grant in self.grants:
                if token and token == grant.refresh:
                    grant.refresh, grant.dead = "", True
                    if self.oauth.cascades:
                        grant.tokens.clear()
                    return Reply(200, self.oauth.revoked)
                if token in grant.tokens:
                    del grant.tokens[token]
                    return Reply(200, self.oauth.revoked)
        return self._refusal("invalid_token", "the token is unknown")

    def _refusal(self, error: str, words: str) -> Reply:
        return Reply(self.oauth.status, self.oauth.refusal(error, words))

    # --- What a test asks for ---------------------------------------------------------------------
    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do `expire_tokens`, `revoke_grants` or `grants`, of all accounts or of `who`."""
        acts = {"expire_tokens": _expire, "revoke_grants": _revoke, "grants": Grant.as_json}
        if name not in acts:
            return super().act(name, wishes)
        with self.lock:
            chosen = [grant for grant in self.grants if wishes.get("who", grant.who) == grant.who]
            return [acts[name](grant) for grant in chosen]


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return (
        base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    )


def _expire(grant: Grant) -> None:
    grant.tokens.clear()


def _revoke(grant: Grant) -> None:
    grant.dead = True
    grant.tokens.clear()


def _form(request: Request) -> dict[str, str]:
    """Read the fields of a form, or of JSON; Stop with 400 for what is neither."""
    text = request.body.decode(errors="replace")
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            return {str(name): str(value) for name, value in json.loads(text).items()}
        except (ValueError, AttributeError) as error:
            raise Stop(Reply(400, {"error": "invalid_request"})) from error
    return dict(parse_qsl(text, keep_blank_values=True))
