"""The routes for contacts, and the switches."""

from typing import Any, ClassVar

from sandbox.vendors.frame import Reply, Request, Vendor, route
from sandbox.vendors.salesforce.acts import Acts
from sandbox.vendors.salesforce.contacts import Contacts
from sandbox.vendors.salesforce.fields import COLUMNS, OBJECT
from sandbox.vendors.salesforce.queries import Queries
from sandbox.vendors.salesforce.refusals import not_found, refused
from sandbox.vendors.salesforce.session import DATA, USERS, Session, User, check_version
from sandbox.vendors.salesforce.writing import Writer, single


class Salesforce(Acts, Session, Vendor):
    name = "salesforce"
    switches: ClassVar = Session.switches | {
        "contacts": 120,
        "daily_limit": 15_000,
        "page_size": 2000,  # the vendor may give fewer than are asked for
        "revoked": [],  # tokens that serve no more
        "access": "write",  # to contacts: write, read or none
        "hidden_fields": [],  # those that the user's field-level security hides
        "api_enabled": True,
        "identity": True,  # whether the scope `id` was granted
        "duplicate_rule": False,  # whether a second contact of one address is refused
        "locked_rows": 0,  # so many rows are locked by somebody else
        "client_credentials": True,  # whether the app has a user that it runs as
        "edition": "Enterprise Edition",
        "is_sandbox": False,
    }

    def reset(self) -> None:
        super().reset()
        self._fill()

    def _fill(self) -> None:
        self.contacts = Contacts(self.seed, int(self.switched["contacts"]))
        self.queries = Queries(self.contacts, self.switched)
        self.writer = Writer(self.contacts, self.switched)

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        if "contacts" in changes:
            self._fill()

    def _user(self, request: Request) -> User:
        return self.user(request) or USERS["first"]

    # --- Queries ----------------------------------------------------------------------------------
    @route("GET", f"{DATA}/query", ("daily",))
    def query(self, request: Request, version: str) -> Reply:
        check_version(version)
        return self.queries.answer(request, version, self._user(request), deleted=False)

    @route("GET", f"{DATA}/queryAll", ("daily",))
    def query_all(self, request: Request, version: str) -> Reply:
        check_version(version)
        return self.queries.answer(request, version, self._user(request), deleted=True)

    @route("GET", f"{DATA}/query/{{locator}}", ("daily",))
    def query_more(self, request: Request, version: str, locator: str) -> Reply:
        return self.queries.following(request, version, locator)

    # --- One contact ------------------------------------------------------------------------------
    @route("GET", f"{DATA}/sobjects/{OBJECT}/describe", ("daily",))
    def describe(self, request: Request, version: str) -> Reply:
        check_version(version)
        access = self.switched["access"]
        if access == "none":
            raise not_found()
        fields = [column.as_json(writes=access == "write") for column in COLUMNS.values()
                  if column.name not in self.switched["hidden_fields"]]  # fmt: skip
        writes = access == "write"
        rights = {
            "queryable": True,
            "createable": writes,
            "updateable": writes,
            "deletable": writes,
        }
        return Reply(200, {"name": OBJECT, "label": OBJECT, **rights, "fields": fields})

    @route("GET", f"{DATA}/sobjects/{OBJECT}/deleted", ("daily",))
    def deleted(self, request: Request, version: str) -> Reply:
        check_version(version)
        return self.queries.deleted(request)

    @route("POST", f"{DATA}/sobjects/{OBJECT}", ("daily",))
    def create(self, request: Request, version: str) -> Reply:
        check_version(version)
        written = self.writer.create(_object(request))
        return single(written, Reply(201, written))

    @route("PATCH", f"{DATA}/sobjects/{OBJECT}/{{contact_id}}", ("daily",))
    def update(self, request: Request, version: str, contact_id: str) -> Reply:
        if self.contacts.find(contact_id) is None:
            raise not_found("The requested resource does not exist")
        return single(self.writer.update(contact_id, _object(request)), Reply(204))

    @route("PATCH", f"{DATA}/sobjects/{OBJECT}/{{field}}/{{value}}", ("daily",))
    def upsert(self, request: Request, version: str, field: str, value: str) -> Reply:
        """Write by a field; some endings of an address are taken for a format's
        and are not found.
        """
        if value.endswith(".inc"):
            raise not_found()
        only_update = request.argument("updateOnly") == "true"
        return self.writer.upsert(field, value, _object(request), only_update=only_update)

    @route("DELETE", f"{DATA}/sobjects/{OBJECT}/{{contact_id}}", ("daily",))
    def delete(self, request: Request, version: str, contact_id: str) -> Reply:
        if self.contacts.find(contact_id) is None:
            raise not_found()
        self.contacts.delete(contact_id)
        return Reply(204)

    # --- Batches ----------------------------------------------------------------------------------
    @route("POST", f"{DATA}/composite/sobjects", ("daily",))
    def create_many(self, request: Request, version: str) -> Reply:
        check_version(version)
        return self.writer.batch(request.json(), creates=True)

    @route("PATCH", f"{DATA}/composite/sobjects", ("daily",))
    def update_many(self, request: Request, version: str) -> Reply:
        check_version(version)
        return self.writer.batch(request.json(), creates=False)

    @route("PATCH", f"{DATA}/composite/sobjects/{OBJECT}/{{field}}", ("daily",))
    def upsert_many(self, request: Request, version: str, field: str) -> Reply:
        check_version(version)
        return self.writer.upsert_batch(field, request.json())


def _object(request: Request) -> dict[str, Any]:
    body = request.json()
    if not isinstance(body, dict):
        raise refused(400, "JSON_PARSER_ERROR", "Unexpected content")
    return body
