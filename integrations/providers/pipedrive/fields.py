"""The fields of Pipedrive's persons that can be mapped: those of every company,
and those that its people made.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.http import Client
from core.vendors import Values
from integrations.contacts.speaking import RemoteField
from integrations.providers.pipedrive.answers import body_of, following, rows_of
from integrations.providers.pipedrive.names import FIELDS_OF_PERSONS

NAME, EMAIL, PHONE, ORGANIZATION = "name", "email", "phone", "organization"
FIELDS: Final = (
    RemoteField(NAME, _("Name")),
    RemoteField(EMAIL, _("E-mail")),
    RemoteField(PHONE, _("Phone")),
    # An organization is a record of its own there.
    RemoteField(ORGANIZATION, _("Organization"), writable=False),
)
MAPPING: Final = {"name": NAME, "email": EMAIL, "phone": PHONE, "company": ORGANIZATION}
# Lists of addresses and numbers, by our word for their first.
LISTS: Final = {EMAIL: "emails", PHONE: "phones"}
PAGE: Final = 500
MOST_PAGES: Final = 20
LONGEST_VALUE: Final = 10_000
# A field that people made is called by a hash.
_OWN: Final = re.compile(r"[0-9a-f]{40}")
_TEXTS: Final = frozenset({"varchar", "varchar_auto", "text", "phone", "date"})
# Taken as numbers alone, while a mapping has texts: they are read, and not written.
_NUMBERS: Final = frozenset({"int", "double"})


def describe(client: Client, values: Values) -> list[RemoteField]:
    """Return the fields that can be mapped in this company, its own last."""
    own = [
        RemoteField(
            row["field_code"],
            str(row.get("field_name") or row["field_code"]),
            row["field_type"] in _TEXTS,
        )
        for row in _rows(client)
        if row.get("is_custom_field") is True
        and own_among([str(row.get("field_code"))])
        and row.get("field_type") in _TEXTS | _NUMBERS
    ]
    return [*FIELDS, *own]


def own_among(names: Iterable[str]) -> list[str]:
    """Return the names that are of fields that people made."""
    return [name for name in names if _OWN.fullmatch(name)]


def own_values(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Return a person's values of these fields as texts; of what is neither text nor
    number there is none.
    """
    custom = row.get("custom_fields")
    if not isinstance(custom, Mapping):
        return {}
    found = {name: custom.get(name) for name in names}
    return {
        name: "" if value is None else str(value)[:LONGEST_VALUE]
        for name, value in found.items()
        if _is_plain(value)
    }


def _is_plain(value: Any) -> bool:
    """Tell whether this is a text, a number or nothing: what can be written as a text."""
    if isinstance(value, bool):
        return False
    return value is None or isinstance(value, str | int | float)


def _rows(client: Client) -> Iterator[Mapping[str, Any]]:
    params = {"limit": str(PAGE)}
    for _number in range(MOST_PAGES):
        body = body_of(client.get(FIELDS_OF_PERSONS, params=params))
        yield from rows_of(body)
        cursor = following(body)
        if cursor is None:
            return
        params["cursor"] = cursor
