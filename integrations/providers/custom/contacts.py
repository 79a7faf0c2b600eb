"""The contacts of a CRM of any make."""

from datetime import datetime
from typing import Any

from core.errors import Misconfigured
from core.http import Client
from core.vendors import Values
from integrations.contacts.speaking import ContactPage, RemoteContact
from integrations.providers.freeform import listing, mapping
from integrations.providers.freeform.refusals import NO_CONTACTS, NO_EMAIL, AtPath


def fetch(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of the contacts."""
    part = _part(client, values, since, cursor)
    places = mapping.places_of(values)
    found = [mapping.contact(item, places) for item in part.items]
    return ContactPage(found, part.cursor, size=part.size)


def read(client: Client, values: Values) -> tuple[list[Any], list[RemoteContact]]:
    """Return the first page as it came and as contacts; AtPath where no item has an address
    where it should be.
    """
    part = _part(client, values, None, None)
    places = mapping.places_of(values)
    found = [mapping.contact(item, places) for item in part.items]
    if found and not any(each.fields.get("email") for each in found):
        raise AtPath(client.vendor, NO_EMAIL, places["email"])
    return part.items, found


def _part(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> listing.Part:
    path = values.text("contactsPath")
    if not path:
        raise Misconfigured(client.vendor, NO_CONTACTS)
    return listing.read_page(client, values, path, since, cursor)
