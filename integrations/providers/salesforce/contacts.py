"""Contacts out of Salesforce: by queries whose pages are followed, the deleted ones by themselves."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import Answer, Client
from core.vendors import Values
from integrations.contacts.speaking import ContactPage, RemoteContact
from integrations.providers.salesforce import soql
from integrations.providers.salesforce.fields import COMPANY, columns, fields_of, flat
from integrations.providers.salesforce.names import DATA, VENDOR

# What was saved shortly before may become visible shortly after: so much is read twice.
OVERLAP: Final = timedelta(minutes=5)
MOST_REPEATS: Final = 3
PAGE: Final = {"Sforce-Query-Options": "batchSize=2000"}
# A "next" path: what is asked next is a page of a query, and nothing else.
_NEXT: Final = re.compile(r"/services/data/v\d{2,3}\.0/query/[A-Za-z0-9]{15,40}-(\d{1,9})")


def fetch(client: Client, _values: Values, since: datetime | None, cursor: str | None) -> ContactPage:
    """Return a page of the contacts changed since, or of all."""
    if cursor is not None:
        return _following(client, cursor)
    wanted = columns(fields_of(client))
    started = None if since is None else since - OVERLAP
    try:
        return _first(client, "query", soql.contacts(wanted, started))
    except Rejected as error:
        if error.status != 400 or COMPANY not in wanted:
            raise
    # A user who may not see accounts cannot ask for a contact's company.
    wanted.remove(COMPANY)
    return _first(client, "query", soql.contacts(wanted, started))


def fetch_deleted(client: Client, _values: Values, since: datetime | None, cursor: str | None) -> ContactPage:
    """Return a page of the contacts that were deleted, or merged into others, and are still in the bin."""
    if cursor is not None:
        return _following(client, cursor)
    started = None if since is None else since - OVERLAP
    wanted = ["Id", "SystemModstamp", "IsDeleted", "Email"]
    return _first(client, "queryAll", soql.contacts(wanted, started, deleted=True))


def count(client: Client, _values: Values) -> int | None:
    """Return how many contacts there are that this user sees."""
    body = client.get(f"{DATA}/query", params={"q": "SELECT COUNT() FROM Contact"}).json()
    return _total(body)


def _first(client: Client, resource: str, query: str) -> ContactPage:
    return _page(client.get(f"{DATA}/{resource}", params={"q": query}, headers=PAGE), "", 0)


def _following(client: Client, cursor: str) -> ContactPage:
    """Return the page of a cursor: its path, and how many pages before it brought nothing new."""
    path, _, repeats = cursor.partition(" ")
    return _page(client.get(path, headers=PAGE), path, int(repeats))


def _page(answer: Answer, asked: str, repeats: int) -> ContactPage:
    """Return what an answer holds; Temporary where it is no page, or the list goes round in a circle."""
    body = answer.json()
    rows = body.get("records") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise Temporary(VENDOR, UNREADABLE)
    records = [_contact(row) for row in rows]
    return ContactPage(records, _cursor(body, asked, repeats), _total(body), len(answer.body))


def _contact(row: Any) -> RemoteContact:
    if not isinstance(row, dict) or not isinstance(row.get("Id"), str):
        raise Temporary(VENDOR, UNREADABLE)
    return RemoteContact(row["Id"], flat(row), _changed_at(row), row.get("IsDeleted") is True)


def _changed_at(row: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(row.get("SystemModstamp")))
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return moment


def _cursor(body: Mapping[str, Any], asked: str, repeats: int) -> str | None:
    """Return where the next page is. A page may come twice, but each must lead on in the end."""
    if body.get("done") is not False:
        return None
    following = str(body.get("nextRecordsUrl") or "")
    if _place(following) > _place(asked):
        return f"{following} 0"
    if repeats >= MOST_REPEATS:
        raise Temporary(VENDOR, UNREADABLE)
    return f"{following or asked} {repeats + 1}"


def _place(path: str) -> int:
    found = _NEXT.fullmatch(path)
    return int(found[1]) if found else 0


def _total(body: Any) -> int | None:
    total = body.get("totalSize") if isinstance(body, dict) else None
    if isinstance(total, int) and not isinstance(total, bool) and total >= 0:
        return total
    return None
