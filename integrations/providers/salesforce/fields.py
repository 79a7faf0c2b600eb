"""Which fields of a contact are read and can be mapped: the usual ones,
and those that the organization added.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Temporary
from core.http import Client
from core.vendors import Values
from integrations.contacts.speaking import RemoteField
from integrations.providers.salesforce.names import DATA, VENDOR
from integrations.providers.typed import Kinds, text_of

COMPANY: Final = "Account.Name"
EMAIL: Final = "Email"
LAST_NAME: Final = "LastName"
USUAL: Final = (
    RemoteField("FirstName", _("First name")),
    RemoteField(LAST_NAME, _("Last name")),
    RemoteField("Name", _("Full name"), writable=False),
    RemoteField(EMAIL, _("E-mail address")),
    RemoteField("Phone", _("Phone")),
    RemoteField("MobilePhone", _("Mobile phone")),
    RemoteField("Title", _("Job title")),
    RemoteField("Department", _("Department")),
    RemoteField("MailingCity", _("City")),
    RemoteField("LeadSource", _("Source")),
    RemoteField(COMPANY, _("Company"), writable=False),
)
MAPPING: Final = {
    "firstName": "FirstName",
    "lastName": LAST_NAME,
    "name": "Name",
    "email": EMAIL,
    "phone": "Phone",
    "company": COMPANY,
}
# What every query asks for beside the fields that can be mapped.
ALWAYS: Final = ("Id", "SystemModstamp", "IsDeleted")
NOT_WRITABLE: Final = frozenset({field.name for field in USUAL if not field.writable} | set(ALWAYS))
# Kinds whose values are text that can be read and compared.
_TEXTS: Final = frozenset(
    {"string", "email", "phone", "picklist", "textarea", "url", "double", "int", "currency",
     "percent", "boolean",
     "date", "datetime", "combobox", "multipicklist"}
)  # fmt: skip


def described(client: Client) -> dict[str, Any]:
    """Return what Salesforce tells this user of contacts: what they may do,
    and the fields that they see.
    """
    found = client.get(f"{DATA}/sobjects/Contact/describe").json()
    if not isinstance(found, dict) or not isinstance(found.get("fields"), list):
        raise Temporary(VENDOR, UNREADABLE)
    return found


def describe(client: Client, _values: Values) -> list[RemoteField]:
    """Return the fields that can be mapped for this user, those that the
    organization added last.
    """
    found = described(client)
    rows = {str(row.get("name")): row for row in found["fields"] if isinstance(row, dict)}
    known = set(rows)
    if "AccountId" in rows:
        known.add(COMPANY)
    usual = [field for field in USUAL if field.name in known]
    custom = [
        RemoteField(
            name,
            str(row.get("label") or name),
            bool(row.get("updateable")) and bool(row.get("createable")),
        )
        for name, row in rows.items()
        if row.get("custom") is True and row.get("type") in _TEXTS
    ]
    return [*usual, *custom]


def kinds_for(client: Client, names: Collection[str]) -> Kinds:
    """Return the kinds of these fields. The usual ones are texts, and nothing is asked for them."""
    if not set(names) - {field.name for field in USUAL}:
        return Kinds()
    rows = [row for row in described(client)["fields"] if isinstance(row, dict)]
    return Kinds({str(row.get("name")): str(row.get("type")) for row in rows})


def columns(known: Sequence[RemoteField], names: Collection[str]) -> list[str]:
    """Return what a query asks for: of what this user sees, the usual fields,
    and those of these names.

    An organization may have hundreds of its own; a query with all of them takes long.
    """
    wanted = {field.name for field in USUAL} | set(names)
    return [*ALWAYS, *(field.name for field in known if field.name in wanted)]


def flat(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a record's values as text, a related one's by its path;
    what is empty is an empty text.
    """
    found: dict[str, str] = {}
    for name, value in row.items():
        if name in {"attributes", *ALWAYS}:
            continue
        if name == "Account":
            found[COMPANY] = text_of(value.get("Name") if isinstance(value, dict) else None)
        elif not isinstance(value, dict | list):
            found[name] = text_of(value)
    return found
