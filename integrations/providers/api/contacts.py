"""What an API lists, as contacts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.http import Client
from core.vendors import Values
from integrations.contacts.speaking import FAILED, ContactPage, ContactWrite, RemoteContact, Written
from integrations.providers.api import graphql
from integrations.providers.freeform import listing, mapping
from integrations.providers.freeform.refusals import READS_ONLY


def fetch(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    """Return a page of the contacts."""
    part = part_of(client, values, since, cursor)
    places = mapping.places_of(values)
    return ContactPage(
        [mapping.contact(item, places) for item in part.items], part.cursor, size=part.size
    )


def read(client: Client, values: Values) -> tuple[list[Any], list[RemoteContact]]:
    """Return the first page as it came, and as contacts."""
    part = part_of(client, values, None, None)
    places = mapping.places_of(values)
    return part.items, [mapping.contact(item, places) for item in part.items]


def part_of(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> listing.Part:
    """Return a page of what the API lists, in the way that it speaks."""
    if values.text("kind") == "GRAPHQL":
        return graphql.read_page(client, values, since, cursor)
    return listing.read_page(client, values, values.text("path"), since, cursor)


def upsert(_client: Client, _values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write nothing: an API is only read."""
    return [Written(write.key, write.vendor_id or "", FAILED, READS_ONLY) for write in writes]
