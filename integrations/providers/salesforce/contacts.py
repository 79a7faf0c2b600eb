"""Contacts out of Salesforce: by queries whose pages are followed,
the deleted ones by themselves.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import Answer, Client
from core.vendors import Values
from core.words import moments
from integrations.contacts.speaking import ContactPage, RemoteContact
from integrations.providers.salesforce import soql
from integrations.providers.salesforce.answers import ListDropped
from integrations.providers.salesforce.fields import COMPANY, EMAIL, columns, describe, flat
from integrations.providers.salesforce.names import DATA, VENDOR

# What was saved shortly before may become visible shortly after: so much is read twice.
OVERLAP: Final = timedelta(minutes=5)
MOST_REPEATS: Final = 3
PAGE: Final = {"Sforce-Query-Options": "batchSize=2000"}
# What may be asked next is a page of a query, and nothing else;
# the number at its end is where it begins.
_NEXT: Final = re.compile(r"/services/data/v\d{2,3}\.0/query/[A-Za-z0-9_]{1,100}(?:-(\d{1,9}))?")


@dataclass(frozen=True)
class _Place:
    """Where a list goes on: how many pages before brought nothing new,
    and whether it was begun anew already.
    """

    path: str = ""
    repeats: int = 0
    restarts: int = 0

    def kept(self) -> str:
        return json.dumps([self.path, self.repeats, self.restarts])


def fetch(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of the contacts changed since, or of all."""
    return fetch_with((), client, values, since, cursor)


def fetch_with(
    names: Collection[str],
    client: Client,
    values: Values,
    since: datetime | None,
    cursor: str | None,
) -> ContactPage:
    """Return a page as `fetch` does, with these fields too."""

    def begin(place: _Place) -> ContactPage:
        return _first(client, columns(describe(client, values), names), since, place)

    return _going_on(client, cursor, begin)


def fetch_deleted(
    client: Client, _values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of the contacts that were deleted, or merged into others,
    and are still in the bin.
    """
    query = soql.contacts(["Id", "SystemModstamp", "IsDeleted", EMAIL], _from(since), deleted=True)
    return _going_on(client, cursor, lambda place: _asked(client, "queryAll", query, place))


def count(client: Client, _values: Values) -> int | None:
    """Return how many contacts there are that this user sees."""
    body = client.get(f"{DATA}/query", params={"q": "SELECT COUNT() FROM Contact"}).json()
    return _total(body)


def _going_on(
    client: Client, cursor: str | None, begin: Callable[[_Place], ContactPage]
) -> ContactPage:
    """Return the page of a cursor, or the first. A list that Salesforce keeps no longer
    is begun anew, once.
    """
    if cursor is None:
        return begin(_Place())
    place = _Place(*json.loads(cursor))
    try:
        return _page(client.get(next_page(place.path), headers=PAGE), place)
    except ListDropped:
        if place.restarts:
            raise
    return begin(_Place(restarts=1))


def _first(client: Client, wanted: list[str], since: datetime | None, place: _Place) -> ContactPage:
    try:
        return _asked(client, "query", soql.contacts(wanted, _from(since)), place)
    except Rejected as error:
        if error.status != 400 or COMPANY not in wanted:
            raise
    # A user who may not see accounts cannot ask for a contact's company.
    wanted.remove(COMPANY)
    return _asked(client, "query", soql.contacts(wanted, _from(since)), place)


def _asked(client: Client, resource: str, query: str, place: _Place) -> ContactPage:
    return _page(client.get(f"{DATA}/{resource}", params={"q": query}, headers=PAGE), place)


def _from(since: datetime | None) -> datetime | None:
    return None if since is None else since - OVERLAP


def next_page(path: Any) -> str:
    """Return the path of a page, as Salesforce names it; Temporary for anything else."""
    if not isinstance(path, str) or not _NEXT.fullmatch(path):
        raise Temporary(VENDOR, UNREADABLE)
    return path


def _page(answer: Answer, place: _Place) -> ContactPage:
    """Return what an answer holds; Temporary where it is no page,
    or the list goes round in a circle.
    """
    body = answer.json()
    rows = body.get("records") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise Temporary(VENDOR, UNREADABLE)
    records = [_contact(row) for row in rows]
    return ContactPage(records, _cursor(body, place), _total(body), len(answer.body))


def _contact(row: Any) -> RemoteContact:
    if not isinstance(row, dict) or not isinstance(row.get("Id"), str):
        raise Temporary(VENDOR, UNREADABLE)
    return RemoteContact(
        row["Id"],
        flat(row),
        moments.read(row.get("SystemModstamp"), None),
        row.get("IsDeleted") is True,
    )


def _cursor(body: Mapping[str, Any], place: _Place) -> str | None:
    """Return where the next page is. A page may come twice, but each must lead on in the end."""
    if body.get("done") is not False:
        return None
    following = next_page(body.get("nextRecordsUrl"))
    if _start(following) > _start(place.path):
        return _Place(following, 0, place.restarts).kept()
    if place.repeats >= MOST_REPEATS:
        raise Temporary(VENDOR, UNREADABLE)
    return _Place(following, place.repeats + 1, place.restarts).kept()


def _start(path: str) -> int:
    found = _NEXT.fullmatch(path)
    return int(found[1] or 0) if found else 0


def _total(body: Any) -> int | None:
    total = body.get("totalSize") if isinstance(body, dict) else None
    if isinstance(total, int) and not isinstance(total, bool) and total >= 0:
        return total
    return None
