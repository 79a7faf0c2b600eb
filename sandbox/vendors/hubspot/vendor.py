"""The routes: which scope each call needs, which limits it counts against,
and what it is handed to.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Final

from sandbox.vendors import oauth_server
from sandbox.vendors.frame import Limit, Reply, Request, Route, Stop, Vendor, route
from sandbox.vendors.hubspot import batches, cast, contacts, refusals, searching, webhooks
from sandbox.vendors.hubspot.acts import ACTS
from sandbox.vendors.hubspot.cast import KEYS, READ, SCHEMAS, WRITE
from sandbox.vendors.hubspot.portals import Contact, Portal
from sandbox.vendors.hubspot.webhooks import Delivery
from sandbox.vendors.oauth_server import HUBSPOT, Grant, OAuthServer

VERSIONS: Final = {"2026-03", "2026-09"}
CONTACTS: Final = "/crm/objects/{version}/contacts"
HOOK: Final = "/api/webhooks/hubspot"
BATCHES: Final[dict[str, Callable[[Portal, Request], Reply]]] = {
    "read": batches.read,
    "create": batches.create,
    "update": batches.update,
    "upsert": batches.upsert,
}


def _facts(base: str, grant: Grant) -> dict[str, Any]:
    return {**HUBSPOT.facts(base, grant), "hub_id": int(grant.who), "user_id": 900}


class HubSpot(OAuthServer, Vendor):
    name = "hubspot"
    oauth = replace(HUBSPOT, facts=_facts)
    accounts: ClassVar = {str(portal): name for portal, name in cast.PORTALS.items()}
    keys: ClassVar = {name: key.token for name, key in KEYS.items()}
    limits: ClassVar = {"burst": Limit(100, 10), "search": Limit(5, 1)}
    switches: ClassVar = OAuthServer.switches | {
        "contacts": 240,  # of each portal
        "revoked": [],  # keys that were deleted or rotated
        "index_lag": 0.0,  # seconds until a search finds what was changed
        "daily_spent": False,  # the account's calls of today are used up
        "migrating": False,  # the account moves to another data centre
        "required": [],  # properties that the account's rules ask for
        "refuses_whole": False,  # whether a batch is refused for one of its inputs
        "forgets": [],  # addresses that the answers of batches leave out
        "hook": "",  # where the app is told of changes; empty: where Koppel runs
        "secret": oauth_server.CLIENT_SECRET,  # the app's, which signs what is sent
        "pushes": False,  # whether a change tells the app
        "webhook_pauses": [0.3, 1, 3],
        "webhook_repeats": 0,
    }

    def reset(self) -> None:
        super().reset()
        self.deliveries: list[Delivery] = []
        self._portals: dict[int, Portal] = {}
        self._events = 0

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        if "contacts" in changes:
            self._portals.clear()

    def portal(self, number: int) -> Portal:
        """Return the portal, made when it is first asked for."""
        with self.lock:
            if number not in self._portals:
                self._portals[number] = Portal(number, int(self.switched["contacts"]))
            return self._portals[number]

    # --- Keys and limits --------------------------------------------------------------------------
    def key(self, request: Request) -> cast.Key:
        """Return what a call may do and where; Stop for a key that is not known (any more)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise refusals.not_authenticated()
        grant = self.grant(request)
        if grant is not None:
            return cast.Key(token, int(grant.who), tuple(grant.scope.split()))
        if token.startswith(f"{self.name}-"):
            raise refusals.expired()
        key = next((key for key in KEYS.values() if key.token == token), None)
        if key is None or token in self.switched["revoked"]:
            raise refusals.not_authenticated()
        return key

    def account(self, request: Request) -> str:
        key = self.key(request)
        if self.switched["migrating"]:
            raise refusals.refuse(477, "MIGRATION_IN_PROGRESS", "This account is being migrated.")
        if self.switched["daily_spent"]:
            raise Stop(Reply(429, refusals.limited("DAILY")))
        return key.token

    def allowed(self, request: Request, *scopes: str) -> Portal:
        """Return the portal of a call that may do this; Stop where none of these
        scopes was granted.
        """
        key = self.key(request)
        if not set(scopes) & set(key.scopes):
            raise refusals.missing_scopes(list(scopes))
        return self.portal(key.portal)

    def limit_headers(self, limit: Limit, remaining: int, reset: float) -> dict[str, str]:
        if limit is self.limits["search"]:
            return {}
        return {
            "X-HubSpot-RateLimit-Max": str(limit.calls),
            "X-HubSpot-RateLimit-Remaining": str(remaining),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(limit.seconds * 1000)),
            "X-HubSpot-RateLimit-Daily": "250000",
            "X-HubSpot-RateLimit-Daily-Remaining": "249000",
        }

    def limited(self, limit: Limit, wait: float) -> Reply:
        policy = "SECONDLY" if limit is self.limits["search"] else "TEN_SECONDLY_ROLLING"
        return Reply(429, refusals.limited(policy), self.limit_headers(limit, 0, wait))

    def limits_of(self, request: Request, known: Route) -> tuple[str, ...]:
        found = known.pattern.fullmatch(request.path)
        if found and found.groupdict().get("version", "2026-03") not in VERSIONS:
            raise Stop(self.unknown(request))
        return known.limits

    def unknown(self, request: Request) -> Reply:
        return Reply(404, refusals.body("OBJECT_NOT_FOUND", f"resource not found: {request.path}"))

    # --- The account ------------------------------------------------------------------------------
    @route("GET", "/account-info/{version}/details", limits=("burst",))
    def details(self, request: Request, version: str) -> Reply:
        return contacts.details(self.key(request), version)

    @route("GET", "/crm/properties/{version}/contacts", limits=("burst",))
    def properties(self, request: Request, version: str) -> Reply:
        self.allowed(request, SCHEMAS, READ)
        return contacts.properties()

    @route("DELETE", "/appinstalls/{version}/external-install", limits=("burst",))
    def uninstall(self, request: Request, version: str) -> Reply:
        grant = self.grant(request)
        if grant is not None:
            grant.dead = True
            grant.tokens.clear()
        return Reply(204)

    # --- Contacts ---------------------------------------------------------------------------------
    @route("GET", CONTACTS, limits=("burst",))
    def list_contacts(self, request: Request, version: str) -> Reply:
        portal = self.allowed(request, READ)
        with self.lock:
            return contacts.listing(portal, request)

    @route("POST", CONTACTS, limits=("burst",))
    def create_contact(self, request: Request, version: str) -> Reply:
        portal = self.allowed(request, WRITE)
        with self.lock:
            contact = portal.create(contacts.written(request))
        self.note(portal.id, "contact.creation", contact)
        return Reply(201, contact.as_json([]))

    @route("POST", f"{CONTACTS}/search", limits=("burst", "search"))
    def search(self, request: Request, version: str) -> Reply:
        portal = self.allowed(request, READ)
        with self.lock:
            return searching.search(portal, request, float(self.switched["index_lag"]))

    @route("POST", f"{CONTACTS}/batch/{{act}}", limits=("burst",))
    def batch(self, request: Request, version: str, act: str) -> Reply:
        if act not in BATCHES:
            return self.unknown(request)
        portal = self.allowed(request, READ if act == "read" else WRITE)
        with self.lock:
            portal.required = list(self.switched["required"])
            before = copy.deepcopy(vars(portal)) if self.switched["refuses_whole"] else {}
            reply = BATCHES[act](portal, request)
            if before and reply.status == 207 and act != "read":
                vars(portal).update(before)
                raise Stop(Reply(400, reply.body["errors"][0]))
        if self.switched["forgets"]:
            batches.forget(reply, self.switched["forgets"])
        return reply

    @route("GET", f"{CONTACTS}/{{name}}", limits=("burst",))
    def contact(self, request: Request, version: str, name: str) -> Reply:
        found = contacts.named(self.allowed(request, READ), request, name)
        return Reply(200, found.as_json(contacts.wanted(request)))

    @route("PATCH", f"{CONTACTS}/{{name}}", limits=("burst",))
    def update_contact(self, request: Request, version: str, name: str) -> Reply:
        portal = self.allowed(request, WRITE)
        with self.lock:
            found = portal.update(contacts.named(portal, request, name), contacts.written(request))
        self.note(portal.id, "contact.propertyChange", found)
        return Reply(200, found.as_json([]))

    @route("DELETE", f"{CONTACTS}/{{name}}", limits=("burst",))
    def archive_contact(self, request: Request, version: str, name: str) -> Reply:
        portal = self.allowed(request, WRITE)
        with self.lock:
            found = portal.get(name)
            if found is not None:
                portal.archive(found)
        return Reply(204)

    # --- Webhooks, and what a test asks for -------------------------------------------------------
    def note(self, portal: int, kind: str, contact: Contact, **more: Any) -> None:
        """Tell the app of a change, where it is to be told."""
        if self.switched["pushes"]:
            self.deliver([self.event(portal, kind, contact.id, **more)])

    def event(self, portal: int, kind: str, contact: int, **more: Any) -> dict[str, Any]:
        self._events += 1
        return webhooks.event(self._events, portal, kind, contact, **more)

    def deliver(self, events: list[dict[str, Any]]) -> None:
        url = self.switched["hook"] or f"{self.app}{HOOK}"
        delivery = Delivery(url, self.switched["secret"], events)
        self.deliveries.append(delivery)
        delivery.begin(self.switched["webhook_pauses"], int(self.switched["webhook_repeats"]))

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        if name in ACTS:
            return ACTS[name](self, **wishes)
        return super().act(name, wishes)
