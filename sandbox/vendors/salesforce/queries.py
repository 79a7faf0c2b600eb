"""Queries and their pages: a locator stands for the rows as they were when the query was asked."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.vendors.frame import Reply, Request, page
from sandbox.vendors.salesforce import soql
from sandbox.vendors.salesforce.contacts import Contacts, long_id, shown, stamp
from sandbox.vendors.salesforce.fields import COLUMNS, OBJECT
from sandbox.vendors.salesforce.refusals import malformed, no_field, refused
from sandbox.vendors.salesforce.session import User

MOST_ROWS, FEWEST_ROWS = 2000, 200
_RELATED: Final = {"Account.Name": "Account"}
_ORGANIZATION_FIELDS: Final = (
    "Id",
    "Name",
    "OrganizationType",
    "IsSandbox",
    "InstanceName",
    "NamespacePrefix",
)


class Queries:
    """Answers queries over the contacts."""

    def __init__(self, contacts: Contacts, switched: dict[str, Any]) -> None:
        self.contacts = contacts
        self.switched = switched
        self._open: dict[str, tuple[list[str], list[str]]] = {}

    def answer(self, request: Request, version: str, user: User, *, deleted: bool) -> Reply:
        query = soql.parse(request.argument("q"))
        if query.object == "Organization":
            return self._of_organization(query, user)
        if query.object != OBJECT or self.switched["access"] == "none":
            message = f"\nERROR at Row:1:Column:1\nsObject type '{query.object}' is not supported."
            raise refused(400, "INVALID_TYPE", message)
        self._check_fields(query)
        rows = query.run(self.contacts.all(deleted=deleted))
        if query.counts:
            return Reply(200, {"totalSize": len(rows), "done": True, "records": []})
        locator = long_id("01g", len(self._open) + 1)
        self._open[locator] = ([row["Id"] for row in rows], query.fields)
        return self._page(request, version, locator, 0)

    def following(self, request: Request, version: str, locator: str) -> Reply:
        """Give the page that a `nextRecordsUrl` names."""
        name, _, start = locator.partition("-")
        if name not in self._open or not start.isdecimal():
            raise refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(request, version, name, int(start))

    def deleted(self, request: Request) -> Reply:
        """List who was deleted between two moments, thirty days apart at most."""
        start, end = _moment(request, "start"), _moment(request, "end")
        if not timedelta(0) < end - start <= timedelta(days=30):
            raise refused(
                400,
                "INVALID_REPLICATION_DATE",
                "startDate must be before endDate and within 30 days",
            )
        found = [
            {"id": row["Id"], "deletedDate": row["SystemModstamp"]}
            for row in self.contacts.all(deleted=True)
            if row["IsDeleted"] and start <= datetime.fromisoformat(row["SystemModstamp"]) <= end
        ]
        earliest = stamp(datetime.now(UTC) - timedelta(days=30))
        return Reply(
            200,
            {
                "deletedRecords": found,
                "earliestDateAvailable": earliest,
                "latestDateCovered": stamp(end),
            },
        )

    def _page(self, request: Request, version: str, locator: str, start: int) -> Reply:
        ids, fields = self._open[locator]
        found = page(ids, start, self._size(request), request)
        rows = [shown(self.contacts.rows[one_id], fields, version) for one_id in found.rows]
        body: dict[str, Any] = {
            "totalSize": len(ids),
            "done": found.following is None,
            "records": rows,
        }
        if found.following is not None:
            body["nextRecordsUrl"] = f"/services/data/{version}/query/{locator}-{found.following}"
        return Reply(200, body)

    def _size(self, request: Request) -> int:
        wish = request.headers.get("sforce-query-options", "").partition("batchSize=")[2]
        size = int(wish) if wish.isdecimal() else MOST_ROWS
        return min(int(self.switched["page_size"]), max(FEWEST_ROWS, min(MOST_ROWS, size)))

    def _check_fields(self, query: soql.Query) -> None:
        if query.counts:
            return
        used = [
            *query.fields,
            *(each.field for each in query.conditions),
            *(name for name, _descends in query.order),
        ]
        known = {*COLUMNS, *_RELATED} - set(self.switched["hidden_fields"])
        for name in used:
            if name not in known:
                raise no_field(name, OBJECT)

    def _of_organization(self, query: soql.Query, user: User) -> Reply:
        for name in query.fields:
            if name not in _ORGANIZATION_FIELDS:
                raise no_field(name, "Organization")
        facts = {"Id": user.organization_id, "Name": user.organization,
                 "OrganizationType": self.switched["edition"],
                 "IsSandbox": self.switched["is_sandbox"], "InstanceName": "EU46",
                 "NamespacePrefix": None}  # fmt: skip
        row = {
            "attributes": {"type": "Organization"},
            **{name: facts[name] for name in query.fields},
        }
        return Reply(200, {"totalSize": 1, "done": True, "records": [row]})


def _moment(request: Request, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(request.argument(name))
    except ValueError:
        raise malformed(name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
