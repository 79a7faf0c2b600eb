"""Pipedrive's persons, read: five hundred a page, as a call costs the same whatever it brings.

Lists are walked by id, also those of what changed: a person who changes meanwhile would change
places by time, and the cursor with them. Pipedrive does not list whom it deleted: who is in a list
no more is gone.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from core.http import Client
from core.vendors import Values
from core.words import moments
from integrations.contacts.speaking import ContactPage, RemoteContact
from integrations.providers.pipedrive.answers import body_of, following, number_in, rows_of
from integrations.providers.pipedrive.client import PipedriveClient
from integrations.providers.pipedrive.fields import (
    EMAIL,
    LISTS,
    LONGEST_VALUE,
    NAME,
    ORGANIZATION,
    PHONE,
    own_among,
    own_values,
)
from integrations.providers.pipedrive.names import ORGANIZATIONS, PERSONS

PAGE: Final = 500
# So many organizations are asked for at once.
NAMED_AT_ONCE: Final = 100


def fetch(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of all persons, or of those that were changed since."""
    return fetch_with((), client, values, since, cursor)


def fetch_with(
    names: Collection[str],
    client: Client,
    values: Values,
    since: datetime | None,
    cursor: str | None,
) -> ContactPage:
    """Return a page as `fetch` does, with these fields too."""
    own = own_among(names)
    rows, cursor_after, size = page(client, since, cursor, own)
    organizations = _organizations(client, rows)
    records = [_contact(row, organizations, own) for row in rows if number_in(row) is not None]
    return ContactPage(records, cursor_after, None, size)


def page(
    client: Client, since: datetime | None, cursor: str | None, own: Collection[str] = ()
) -> tuple[list[Mapping[str, Any]], str | None, int]:
    """Return the persons of a page with their own fields of these names,
    the cursor of the next, and the bytes.
    """
    params = {"limit": str(PAGE), "sort_by": "id", "sort_direction": "asc"}
    if since is not None:
        # Whole seconds: a fraction is refused in places.
        params["updated_since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if own:
        params["custom_fields"] = ",".join(own)
    if cursor:
        params["cursor"] = cursor
    answer = client.get(PERSONS, params=params)
    body = body_of(answer)
    return rows_of(body), following(body), len(answer.body)


def first(row: Mapping[str, Any], name: str) -> str:
    """Return the first of a person's addresses or numbers: the one that is marked so,
    else the one that leads.
    """
    entries = entries_of(row, name)
    primary = [entry for entry in entries if entry.get("primary") is True] or entries
    if not primary:
        return ""
    return str(primary[0].get("value") or "").strip()[:LONGEST_VALUE]


def entries_of(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a person's addresses or numbers, as they lie there."""
    entries = row.get(name)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, Mapping) and entry.get("value")]


def _contact(
    row: Mapping[str, Any], organizations: Mapping[int, str], own: Collection[str]
) -> RemoteContact:
    fields = {
        NAME: str(row.get("name") or "")[:LONGEST_VALUE],
        EMAIL: first(row, LISTS[EMAIL]),
        PHONE: first(row, LISTS[PHONE]),
        ORGANIZATION: organizations.get(number_in(row, "org_id") or 0, ""),
        **own_values(row, own),
    }
    return RemoteContact(
        str(row["id"]), fields, moments.read(row.get("update_time")), row.get("is_deleted") is True
    )


def _organizations(client: Client, rows: Iterable[Mapping[str, Any]]) -> Mapping[int, str]:
    """Return the names of the organizations that persons are of; each is asked for once."""
    if not isinstance(client, PipedriveClient):
        return {}
    known = client.organizations
    wanted = sorted({number for row in rows if (number := number_in(row, "org_id"))} - set(known))
    for start in range(0, len(wanted), NAMED_AT_ONCE):
        some = wanted[start : start + NAMED_AT_ONCE]
        params = {"ids": ",".join(map(str, some)), "limit": str(NAMED_AT_ONCE)}
        for found in rows_of(body_of(client.get(ORGANIZATIONS, params=params))):
            number = number_in(found)
            if number is not None:
                known[number] = str(found.get("name") or "")[:LONGEST_VALUE]
        # What is not seen has no name, and is asked for no more.
        for number in some:
            known.setdefault(number, "")
    return known
