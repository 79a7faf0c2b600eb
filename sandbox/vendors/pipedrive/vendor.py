"""The routes: what each call costs, which scope it needs, and what it is handed to."""

from dataclasses import replace
from typing import Any, ClassVar, Final

from sandbox.vendors.frame import Limit, Reply, Request, Route, Stop, Vendor, route
from sandbox.vendors.oauth_server import PIPEDRIVE, Grant, OAuthServer
from sandbox.vendors.pipedrive import cast, listing, refusals, webhooks, writing
from sandbox.vendors.pipedrive.acts import ACTS
from sandbox.vendors.pipedrive.cast import COMPANIES, KEYS
from sandbox.vendors.pipedrive.companies import Company, Person
from sandbox.vendors.pipedrive.webhooks import Delivery, Webhook

PERSONS: Final = "/api/v2/persons"
HOOKS: Final = "(?:/api)?/v1/webhooks"
READS: Final = ("contacts:read", "contacts:full")
WRITES: Final = ("contacts:full",)
ADMINISTRATORS: Final = {key.company: key.user for key in KEYS.values() if key.is_admin}


def _facts(base: str, grant: Grant) -> dict[str, Any]:
    return {**PIPEDRIVE.facts(base, grant), "scope": "base,contacts:full,admin"}


class Pipedrive(OAuthServer, Vendor):
    name = "pipedrive"
    oauth = replace(PIPEDRIVE, facts=_facts)
    accounts: ClassVar = {str(company.id): company.name for company in COMPANIES.values()}
    keys: ClassVar = {name: key.token for name, key in KEYS.items()}
    limits: ClassVar = {"token": Limit(20, 2), "oauth": Limit(80, 2), "search": Limit(10, 2)}
    switches: ClassVar = OAuthServer.switches | {
        "contacts": 240,  # persons of each company
        "revoked": [],  # tokens that were made anew
        "app_scopes": "base,contacts:full,admin",  # what the app may do, for grants
        "daily_tokens": 30_000,  # of each company
        "index_lag": 0.0,  # seconds until a search finds what was changed
        "lists_deleted": False,  # whether lists show persons that were deleted
        "banned": False,  # asked too much for too long: a web page, 403
        "refuses_with_200": False,  # whether version 2 says no in the body alone
        "suspended": False,  # the company has not paid
        "webhook_pauses": [0.3, 1, 3],
        "webhook_repeats": 0,
    }

    def reset(self) -> None:
        super().reset()
        self.webhooks: dict[int, Webhook] = {}
        self.deliveries: list[Delivery] = []
        self._companies: dict[int, Company] = {}
        self._spent: dict[int, int] = {}
        self._numbers = 0

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        if "contacts" in changes:
            self._companies.clear()

    def company(self, number: int) -> Company:
        """Return the company, made when it is first asked for."""
        with self.lock:
            if number not in self._companies:
                self._companies[number] = Company(number, int(self.switched["contacts"]))
            return self._companies[number]

    # --- Keys and limits --------------------------------------------------------------------------
    def key(self, request: Request) -> cast.Key:
        """Return whose call it is; Stop for a key that is not known (any more)."""
        if self.switched["banned"]:
            raise refusals.blocked()
        grant = self.grant(request)
        if grant is not None:
            company = int(grant.who)
            scopes = frozenset(str(self.switched["app_scopes"]).split(","))
            return cast.Key(str(grant.who), company, ADMINISTRATORS[company], scopes=scopes)
        token = request.headers.get("x-api-token", "")
        key = next((key for key in KEYS.values() if key.token == token), None)
        if key is None or token in self.switched["revoked"]:
            raise refusals.unauthorized()
        return key

    def account(self, request: Request) -> str:
        key = self.key(request)
        if self.switched["suspended"]:
            raise refusals.refuse_1(402, "Company is suspended")
        return key.token

    def allowed(self, request: Request, *scopes: str) -> cast.Key:
        """Return the key of a call that may do this; Stop where none of these
        scopes is the app's.
        """
        key = self.key(request)
        if not set(scopes) & key.scopes:
            raise refusals.out_of_scope()
        return key

    def limits_of(self, request: Request, known: Route) -> tuple[str, ...]:
        burst = "oauth" if "authorization" in request.headers else "token"
        return (*known.limits, burst)

    def limit_headers(self, limit: Limit, remaining: int, reset: float) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(limit.calls),
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-reset": str(max(1, round(reset + 0.5))),
        }

    def limited(self, limit: Limit, wait: float) -> Reply:
        return Reply(429, refusals.limited(), self.limit_headers(limit, 0, wait))

    def spend(self, key: cast.Key, tokens: int) -> None:
        """Take tokens of the company's day; Stop where there are none left:
        nothing told of that before.
        """
        with self.lock:
            spent = self._spent.get(key.company, 0) + tokens
            if spent > int(self.switched["daily_tokens"]):
                raise Stop(Reply(429, refusals.limited()))
            self._spent[key.company] = spent

    # --- The account ------------------------------------------------------------------------------
    @route("GET", "(?:/api)?/v1/users/me")
    def me(self, request: Request) -> Reply:
        key = self.allowed(request, "base")
        self.spend(key, 2)
        return Reply(200, {"success": True, "data": cast.me(key)})

    @route("GET", "/api/v2/personFields")
    def fields(self, request: Request) -> Reply:
        self.spend(self.allowed(request, *READS, "contact-fields:full"), 10)
        return listing.fields(request)

    @route("GET", "/api/v2/organizations")
    def organizations(self, request: Request) -> Reply:
        self.spend(self.allowed(request, *READS), 10)
        return listing.organizations(request)

    # --- Persons ----------------------------------------------------------------------------------
    @route("GET", PERSONS)
    def list_persons(self, request: Request) -> Reply:
        key = self.allowed(request, *READS)
        self.spend(key, 10)
        if self.switched["refuses_with_200"]:
            return Reply(200, {"success": False, "error": "Something went wrong", "data": None})
        rows = self.company(key.company).seen_by(key)
        if not self.switched["lists_deleted"]:
            rows = [row for row in rows if not row.is_deleted]
        return listing.persons(rows, request)

    @route("GET", f"{PERSONS}/search", limits=("search",))
    def find_persons(self, request: Request) -> Reply:
        """Search. Of two routes that fit the first by its name answers: before `person`."""
        key = self.allowed(request, *READS, "search:read")
        self.spend(key, 20)
        lag = float(self.switched["index_lag"])
        return listing.search(self.company(key.company).seen_by(key), request, lag)

    @route("POST", PERSONS)
    def create(self, request: Request) -> Reply:
        key = self.allowed(request, *WRITES)
        self.spend(key, 5)
        values = writing.values(request, is_new=True)
        company = self.company(key.company)
        with self.lock:
            person = company.create(values, key.user)
        self.note(key.company, "create", person)
        return Reply(201, {"success": True, "data": person.as_json()})

    @route("GET", f"{PERSONS}/{{name}}")
    def person(self, request: Request, name: str) -> Reply:
        key = self.allowed(request, *READS)
        self.spend(key, 1)
        return Reply(200, {"success": True, "data": self._known(key, name).as_json()})

    @route("PATCH", f"{PERSONS}/{{name}}")
    def update(self, request: Request, name: str) -> Reply:
        key = self.allowed(request, *WRITES)
        self.spend(key, 5)
        person = self._known(key, name)
        if person.is_deleted:
            raise refusals.refuse(410, "Person is deleted.", code="ERR_GONE")
        before = self.company(key.company).update(person, writing.values(request, is_new=False))
        self.note(key.company, "change", person, before)
        return Reply(200, {"success": True, "data": person.as_json()})

    @route("DELETE", f"{PERSONS}/{{name}}")
    def delete(self, request: Request, name: str) -> Reply:
        key = self.allowed(request, *WRITES)
        self.spend(key, 3)
        person = self._known(key, name)
        self.company(key.company).delete(person)
        self.note(key.company, "delete", person)
        return Reply(200, {"success": True, "data": {"id": person.id}})

    def _known(self, key: cast.Key, name: str) -> Person:
        person = self.company(key.company).get(name, key)
        if person is None:
            raise refusals.not_found("Person")
        return person

    # --- Webhooks, and what a test asks for -------------------------------------------------------
    @route("GET", HOOKS)
    def list_webhooks(self, request: Request) -> Reply:
        key = self.allowed(request, "admin")
        self.spend(key, 10)
        rows = [hook.as_json() for hook in self.webhooks.values() if hook.company == key.company]
        return Reply(200, {"status": "ok", "success": True, "data": rows})

    @route("POST", HOOKS)
    def subscribe(self, request: Request) -> Reply:
        key = self.allowed(request, "admin")
        self.spend(key, 10)
        wished = webhooks.checked(request.json())
        with self.lock:
            if sum(1 for hook in self.webhooks.values() if hook.user == key.user) >= webhooks.MOST:
                raise refusals.refuse_1(403, "Webhooks limit of the user is reached")
            self._numbers += 1
            hook = Webhook(self._numbers, key.company, key.user, wished)
            self.webhooks[hook.id] = hook
        return Reply(201, {"status": "ok", "success": True, "data": hook.as_json()})

    @route("DELETE", f"{HOOKS}/{{name}}")
    def unsubscribe(self, request: Request, name: str) -> Reply:
        key = self.allowed(request, "admin")
        self.spend(key, 6)
        hook = self.webhooks.get(int(name)) if name.isdecimal() else None
        if hook is None or hook.company != key.company:
            raise refusals.refuse_1(404, "Webhook not found")
        del self.webhooks[hook.id]
        return Reply(200, {"status": "ok", "success": True})

    def note(
        self, company: int, action: str, person: Person, before: dict[str, Any] | None = None
    ) -> None:
        """Tell whoever subscribed to changes of persons."""
        for hook in list(self.webhooks.values()):
            if hook.company == company and hook.wants(action):
                delivery = Delivery(hook, webhooks.event(hook, action, person.as_json(), before))
                self.deliveries.append(delivery)
                delivery.begin(
                    self.switched["webhook_pauses"], int(self.switched["webhook_repeats"])
                )

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        if name in ACTS:
            return ACTS[name](self, **wishes)
        return super().act(name, wishes)
