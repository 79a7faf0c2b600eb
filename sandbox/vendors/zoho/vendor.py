"""The routes for contacts, and the switches."""

from typing import Any, ClassVar, Final

from sandbox.vendors.frame import Reply, Request, Vendor, route
from sandbox.vendors.zoho import lists
from sandbox.vendors.zoho.acts import Acts
from sandbox.vendors.zoho.contacts import Contacts
from sandbox.vendors.zoho.fields import COLUMNS
from sandbox.vendors.zoho.refusals import missing, no_permission, refused
from sandbox.vendors.zoho.session import API, Session, check_version
from sandbox.vendors.zoho.writing import Writer

CONTACTS: Final = "ZohoCRM.modules.contacts.ALL"
COUNTED: Final = ("concurrency", "credits")


class Zoho(Acts, Session, Vendor):
    name = "zoho"
    switches: ClassVar = Session.switches | {
        "contacts": 120,
        "credits": 50_000,
        "revoked": [],  # tokens that serve no more
        "lacks": [],  # scopes that were not granted
        "may_write": True,  # whether the user's profile lets them write contacts
        "unique_email": False,  # whether Email is a field without duplicates
        # Whether an upsert asks for the last name also where it updates
        "upsert_is_strict": True,
        # Of a write none of whose rows succeeded; 400 and 200 have been seen too
        "failed_status": 202,
        "mints": 10,  # access tokens that a refresh token gives in ten minutes
        "edition": "enterprise",
    }

    def reset(self) -> None:
        super().reset()
        self._fill()

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        if "contacts" in changes:
            self._fill()

    def _fill(self) -> None:
        self.contacts = Contacts(self.seed, int(self.switched["contacts"]))
        self.writer = Writer(self.contacts, self.switched)

    # --- Lists ------------------------------------------------------------------------------------
    @route("GET", f"{API}/Contacts", COUNTED)
    def listed(self, request: Request, version: str) -> Reply:
        check_version(version)
        self.needs(CONTACTS)
        return lists.listed(self.contacts, request, self.who(request))

    @route("GET", f"{API}/Contacts/deleted", COUNTED)
    def gone(self, request: Request, version: str) -> Reply:
        self.needs(CONTACTS)
        return lists.gone(self.contacts, request, self.who(request))

    @route("GET", f"{API}/Contacts/search", COUNTED)
    def search(self, request: Request, version: str) -> Reply:
        self.needs(CONTACTS)
        if not request.argument("email"):
            raise missing("email")
        rows = self.contacts.having(request.argument("email"))
        return lists.paged(
            rows, request, ["search", request.argument("email")], is_incremental=False
        )

    @route("GET", f"{API}/Contacts/actions/count", COUNTED)
    def count(self, _request: Request, version: str) -> Reply:
        self.needs(CONTACTS)
        return Reply(200, {"count": len(self.contacts.rows)})

    @route("GET", f"{API}/settings/fields", COUNTED)
    def fields(self, request: Request, version: str) -> Reply:
        self.needs("ZohoCRM.settings.fields.READ")
        if request.argument("module") != "Contacts":
            raise refused(400, "INVALID_MODULE", "the module name given seems to be invalid")
        return Reply(
            200,
            {"fields": [column.as_json(number) for number, column in enumerate(COLUMNS.values())]},
        )

    # --- Writes -----------------------------------------------------------------------------------
    @route("POST", f"{API}/Contacts", COUNTED)
    def create(self, request: Request, version: str) -> Reply:
        self._check_writes()
        return self.writer.create(request.json())

    @route("PUT", f"{API}/Contacts", COUNTED)
    def update(self, request: Request, version: str) -> Reply:
        self._check_writes()
        return self.writer.update(request.json())

    @route("POST", f"{API}/Contacts/upsert", COUNTED)
    def upsert(self, request: Request, version: str) -> Reply:
        self._check_writes()
        return self.writer.upsert(request.json())

    @route("DELETE", f"{API}/Contacts/{{contact_id}}", COUNTED)
    def delete(self, _request: Request, version: str, contact_id: str) -> Reply:
        self._check_writes()
        if contact_id not in self.contacts.rows:
            raise refused(400, "INVALID_DATA", "the related id given seems to be invalid")
        self.contacts.delete(contact_id)
        return Reply(200, {"data": [{"code": "SUCCESS", "details": {"id": contact_id},
                                     "message": "record deleted",
                                     "status": "success"}]})  # fmt: skip

    # --- One contact: last, as its address is that of the lists too -------------------------------
    @route("GET", f"{API}/Contacts/(?P<contact_id>[0-9]+)", COUNTED)
    def read(self, _request: Request, version: str, contact_id: str) -> Reply:
        self.needs(CONTACTS)
        row = self.contacts.rows.get(contact_id)
        return Reply(200, {"data": [row]}) if row else Reply(204)

    def _check_writes(self) -> None:
        self.needs(CONTACTS)
        if not self.switched["may_write"]:
            raise no_permission("Crm_Implied_Edit_Contacts")
