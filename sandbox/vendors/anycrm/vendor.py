"""The routes, and the ways to sign in: a key in a header or in the query, a token, a password,
a client of OAuth 2.
"""

import base64
import binascii
import random
import time
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from sandbox.vendors.anycrm import graphql, listing, people
from sandbox.vendors.frame import Limit, Reply, Request, Stop, Vendor, route

# What it lets in: made up here, worth nothing anywhere else.
KEY: Final = "koppel-demo.anycrm-key_0001"
TOKEN: Final = "koppel-demo.anycrm-token_0001"
USER: Final = "koppel-demo"
PASSWORD: Final = "koppel-demo.anycrm:password_0001"
CLIENT_ID: Final = "koppel-demo-client"
CLIENT_SECRET: Final = "koppel-demo.anycrm-secret_0001"


class AnyCrm(Vendor):
    name = "anycrm"
    keys: ClassVar = {
        "X-API-Key, or ?api_key": KEY,
        "Bearer": TOKEN,
        f"Password of {USER}": PASSWORD,
        f"Secret of {CLIENT_ID}": CLIENT_SECRET,
    }
    limits: ClassVar = {"all": Limit(600, 60)}
    switches: ClassVar[dict[str, Any]] = {
        "rate_limits": True,
        "contacts": 25,
        "keys": [],  # further keys and tokens that are let in
        "users": {},  # further users: their passwords by name
        "client_in": "",  # where a client says who it is: "header", "body", or "" for either
        "token_life": 3600,  # seconds that a token lives
        "fails": "",  # the code of the error that every query of GraphQL gets
        "link_host": "",  # the address that links to the next page name, in place of its own
        "duplicates": True,  # whether a second contact of one address is made, as many CRMs do
    }

    def reset(self) -> None:
        super().reset()
        self.tokens: dict[str, float] = {}
        self._people: list[dict[str, Any]] | None = None

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        if "contacts" in changes:
            self._people = None

    @property
    def people(self) -> list[dict[str, Any]]:
        """Return its contacts, made when they are first asked for."""
        if self._people is None:
            dice = random.Random(f"anycrm/{self.seed}")
            self._people = [
                people.made(number, dice) for number in range(1, int(self.switched["contacts"]) + 1)
            ]
        return self._people

    # --- Ways to sign in --------------------------------------------------------------------------
    def account(self, request: Request) -> str:
        if request.path == "/oauth/token":
            return "client"
        keys = {KEY, *self.switched["keys"]}
        if request.headers.get("x-api-key") in keys or request.argument("api_key") in keys:
            return "key"
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        opens = secret in {TOKEN, *keys} or self.tokens.get(secret, 0) > time.monotonic()
        if opens and scheme == "Bearer":
            return "token"
        if scheme == "Basic":
            user, password = _basic(secret)
            if {USER: PASSWORD, **self.switched["users"]}.get(user) == password:
                return user
        raise Stop(
            Reply(401, {"error": {"message": "Sign in first"}}, {"WWW-Authenticate": "Bearer"})
        )

    @route("POST", "/oauth/token", limits=("all",))
    def token(self, request: Request) -> Reply:
        """Give a token for a client's own credentials."""
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        client, where = (form.get("client_id", ""), form.get("client_secret", "")), "body"
        if scheme == "Basic":
            client, where = _basic(secret), "header"
        if client != (CLIENT_ID, CLIENT_SECRET) or self.switched["client_in"] not in {"", where}:
            return Reply(401, {"error": "invalid_client"})
        if form.get("grant_type") != "client_credentials":
            return Reply(400, {"error": "unsupported_grant_type"})
        life = int(self.switched["token_life"])
        made = f"koppel-demo.anycrm-made_{len(self.tokens) + 1:04}"
        self.tokens[made] = time.monotonic() + life
        return Reply(200, {"access_token": made, "token_type": "Bearer", "expires_in": life})

    # --- What it has ------------------------------------------------------------------------------
    @route("GET", "/v1/me", limits=("all",))
    def me(self, request: Request) -> Reply:
        return Reply(200, {"name": "Any CRM", "signed_in_as": self.account(request)})

    @route("GET", "/v1/contacts", limits=("all",))
    def contacts(self, request: Request) -> Reply:
        return listing.numbered(self._chosen(request), request)

    @route("GET", "/v1/people", limits=("all",))
    def by_cursor(self, request: Request) -> Reply:
        return listing.by_cursor(self._chosen(request), request)

    @route("GET", "/v1/members", limits=("all",))
    def by_link(self, request: Request) -> Reply:
        base = (
            str(self.switched["link_host"])
            or f"http://{request.headers.get('host', '')}/{self.name}"
        )
        return listing.by_link(self._chosen(request), request, base)

    @route("POST", "/graphql", limits=("all",))
    def graphql(self, request: Request) -> Reply:
        return graphql.answered(self.people, request, str(self.switched["fails"]))

    @route("POST", "/v1/contacts", limits=("all",))
    def create(self, request: Request) -> Reply:
        sent = self._sent(request)
        with self.lock:
            if not self.switched["duplicates"] and self._with_email(people.email_of(sent)):
                return Reply(409, {"error": {"message": "There is a contact of this address"}})
            number = max((each["id"] for each in self.people), default=0) + 1
            made = {**sent, "id": number, "updated_at": people.stamp(datetime.now(UTC))}
            self.people.append(made)
        return Reply(201, {"contact": made})

    @route("PATCH", "/v1/contacts/{contact_id}", limits=("all",))
    def change(self, request: Request, contact_id: str) -> Reply:
        sent = self._sent(request, needs_email=False)
        for each in self.people:
            if str(each["id"]) == contact_id:
                each.update(sent, id=each["id"], updated_at=people.stamp(datetime.now(UTC)))
                return Reply(200, {"contact": each})
        return Reply(404, {"error": {"message": "There is no such contact"}})

    def _chosen(self, request: Request) -> list[dict[str, Any]]:
        found = self.people
        if since := request.argument("updated_since"):
            found = [each for each in found if each["updated_at"] >= since]
        if email := request.argument("email"):
            found = self._with_email(email)
        return found

    def _with_email(self, email: str) -> list[dict[str, Any]]:
        return [
            each for each in self.people if people.email_of(each).casefold() == email.casefold()
        ]

    def _sent(self, request: Request, *, needs_email: bool = True) -> dict[str, Any]:
        body = request.json()
        sent = body.get("contact") if isinstance(body, dict) else None
        if not isinstance(sent, dict):
            raise Stop(Reply(422, {"errors": [{"field": "contact", "message": "is missing"}]}))
        if needs_email and "@" not in people.email_of(sent):
            raise Stop(Reply(422, {"errors": [{"field": "emails", "message": "needs an address"}]}))
        return sent

    # --- What a test asks for ---------------------------------------------------------------------
    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do `contacts` (list them), `arrive` (another one comes) or `forget` (its tokens end)."""
        match name:
            case "contacts":
                return self.people
            case "arrive":
                made = people.made(len(self.people) + 1, self.random) | wishes
                self.people.append(made)
                return made
            case "forget":
                self.tokens.clear()
                return None
            case _:
                return super().act(name, wishes)


def _basic(secret: str) -> tuple[str, str]:
    try:
        user, _, password = base64.b64decode(secret).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
