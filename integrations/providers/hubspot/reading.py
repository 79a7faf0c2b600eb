"""HubSpot's contacts, read: all of them from the list, what changed from the search,
what was deleted from the archive.

The search gives ten thousand of a query at most, and lags. So it is asked by id, two hundred after
the last that was seen, which has no end that it could not reach; and from some minutes before the
moment that is asked for.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.http import Answer, Client
from core.vendors import Values
from core.words import moments
from integrations.contacts.speaking import ContactPage, RemoteContact
from integrations.providers.hubspot.answers import Odd, fields_of, rows_of
from integrations.providers.hubspot.client import SEARCH
from integrations.providers.hubspot.fields import KNOWN
from integrations.providers.hubspot.names import CONTACTS, VENDOR

PAGE: Final = 100
FOUND_PAGE: Final = 200
# The index comes seconds to minutes after the contacts.
OVERLAP: Final = timedelta(minutes=5)
# A list names hardly any by itself.
WANTED: Final = (*KNOWN, "lastmodifieddate")
LONGEST_VALUE: Final = 10_000


def fetch(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of all contacts, or of those that were changed since."""
    return fetch_with((), client, values, since, cursor)


def fetch_with(
    names: Collection[str],
    client: Client,
    values: Values,
    since: datetime | None,
    cursor: str | None,
) -> ContactPage:
    """Return a page as `fetch` does, with these properties too."""
    wanted = list(dict.fromkeys((*WANTED, *names)))
    if since is None:
        return _listed(client, wanted, cursor, is_archived=False)
    return _changed(client, wanted, since, cursor)


def fetch_deleted(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of those that were deleted: HubSpot keeps them in an archive of its own."""
    page = _listed(client, WANTED, cursor, is_archived=True)
    rows = [
        row
        for row in page.records
        if since is None or row.changed_at is None or row.changed_at >= since - OVERLAP
    ]
    return ContactPage(rows, page.cursor, None, page.size)


def count(client: Client, values: Values) -> int | None:
    """Return how many contacts the account has, as its index counts them."""
    wish = {"filterGroups": [], "sorts": [], "properties": [], "limit": 1, "after": "0"}
    body = fields_of(_search(client, wish))
    return _number(body.get("total"))


def _listed(
    client: Client, wanted: Collection[str], cursor: str | None, *, is_archived: bool
) -> ContactPage:
    params = {
        "limit": str(PAGE),
        "properties": ",".join(wanted),
        "archived": str(is_archived).lower(),
    }
    if cursor:
        params["after"] = cursor
    answer = client.get(CONTACTS, params=params)
    body = fields_of(answer)
    return ContactPage(_read(body), _after(body), None, len(answer.body))


def _changed(
    client: Client, wanted: Collection[str], since: datetime, cursor: str | None
) -> ContactPage:
    last = int(cursor or "0")
    begin = int((since - OVERLAP).astimezone(UTC).timestamp() * 1000)
    rules = [
        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(max(0, begin))},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(last)},
    ]
    wish = {
        "filterGroups": [{"filters": rules}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(wanted),
        "limit": FOUND_PAGE,
        "after": "0",
    }
    answer = _search(client, wish)
    body = fields_of(answer)
    records = [record for record in _read(body) if int(record.id) > last]
    following = None
    if _after(body) is not None:
        if not records:
            raise Odd(VENDOR, status=answer.status)
        following = str(max(int(record.id) for record in records))
    total = None
    if cursor is None:
        total = _number(body.get("total"))
    return ContactPage(records, following, total, len(answer.body))


def _search(client: Client, wish: Mapping[str, Any]) -> Answer:
    """Search: though it is a POST, nothing is changed by asking twice."""
    return client.post(f"{CONTACTS}/search", json=wish, quota_cost=SEARCH, idempotent=True)


def _read(body: Mapping[str, Any]) -> list[RemoteContact]:
    """Return the contacts of a page; what has no id is none."""
    found = []
    for row in rows_of(body):
        name = row.get("id")
        if isinstance(name, str) and name.isascii() and name.isdecimal():
            found.append(_contact(name, row))
    return found


def _contact(name: str, row: Mapping[str, Any]) -> RemoteContact:
    properties = row.get("properties")
    fields: dict[str, str] = {}
    if isinstance(properties, Mapping):
        fields = {str(key): _text(value) for key, value in properties.items()}
    changed_at = moments.read(row.get("updatedAt") or fields.get("lastmodifieddate"))
    is_deleted = row.get("archived") is True
    if is_deleted:
        changed_at = moments.read(row.get("archivedAt")) or changed_at
    return RemoteContact(name, fields, changed_at, is_deleted)


def _text(value: Any) -> str:
    """Return a value as text: all are texts or null, which is an empty one."""
    if value is None:
        return ""
    return str(value)[:LONGEST_VALUE]


def _after(body: Mapping[str, Any]) -> str | None:
    """Return the cursor of the next page; None after the last."""
    paging = body.get("paging")
    following = paging.get("next") if isinstance(paging, Mapping) else None
    after = following.get("after") if isinstance(following, Mapping) else None
    if after in (None, ""):
        return None
    return str(after)


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None
