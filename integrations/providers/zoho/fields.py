"""Which fields of a contact are read and can be mapped: the usual ones,
and those that the organization added.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Rejected, Temporary
from core.http import Client
from core.vendors import Values
from integrations.contacts.speaking import RemoteField
from integrations.providers.typed import Kinds, text_of
from integrations.providers.zoho.names import API, VENDOR

COMPANY: Final = "Account_Name"
EMAIL: Final = "Email"
LAST_NAME: Final = "Last_Name"
USUAL: Final = (
    RemoteField("First_Name", _("First name")),
    RemoteField(LAST_NAME, _("Last name")),
    RemoteField("Full_Name", _("Full name"), writable=False),
    RemoteField(EMAIL, _("E-mail address")),
    RemoteField("Secondary_Email", _("Second e-mail address")),
    RemoteField("Phone", _("Phone")),
    RemoteField("Mobile", _("Mobile phone")),
    RemoteField("Title", _("Job title")),
    RemoteField("Department", _("Department")),
    RemoteField("Mailing_City", _("City")),
    RemoteField("Lead_Source", _("Source")),
    RemoteField(COMPANY, _("Company"), writable=False),
)
MAPPING: Final = {
    "firstName": "First_Name",
    "lastName": LAST_NAME,
    "name": "Full_Name",
    "email": EMAIL,
    "phone": "Phone",
    "company": COMPANY,
}
# What every list asks for beside the fields that can be mapped.
ALWAYS: Final = ("Modified_Time",)
NOT_WRITABLE: Final = frozenset(
    {field.name for field in USUAL if not field.writable}
    | {"id", "Modified_Time", "Created_Time", "Owner"}
)
# Kinds whose values are text that can be read and compared.
_TEXTS: Final = frozenset(
    {"text", "email", "phone", "website", "picklist", "textarea", "integer", "bigint", "double",
     "currency", "percent",
     "boolean", "date", "datetime", "multiselectpicklist", "autonumber"}
)  # fmt: skip


def describe(client: Client, _values: Values) -> list[RemoteField]:
    """Return the fields that can be mapped, those that the organization added last."""
    return [*USUAL, *custom_of(client)]


def custom_of(client: Client) -> list[RemoteField]:
    """Return the fields that the organization added; Rejected where the access may
    not ask for them.
    """
    return [
        RemoteField(
            str(row["api_name"]),
            str(row.get("field_label") or row["api_name"]),
            not _is_read_only(row),
        )
        for row in _described(client)
        if row.get("custom_field") is True
        and row.get("data_type") in _TEXTS
        and row.get("api_name")
    ]


def kinds_for(client: Client, names: Collection[str]) -> Kinds:
    """Return the kinds of these fields. The usual ones are texts, and nothing is asked for them.

    Without the right to ask all are taken for texts, and Zoho says of a row which value
    it does not take.
    """
    if not set(names) - {field.name for field in USUAL}:
        return Kinds()
    try:
        return Kinds(
            {str(row.get("api_name")): str(row.get("data_type")) for row in _described(client)}
        )
    except Rejected:
        return Kinds()


def _described(client: Client) -> list[dict[str, Any]]:
    body = client.get(f"{API}/settings/fields", params={"module": "Contacts"}).json()
    rows = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise Temporary(VENDOR, UNREADABLE)
    return [row for row in rows if isinstance(row, dict)]


def columns(client: Client, names: Collection[str]) -> str:
    """Return what a list asks for: the usual fields, and those of these names. It takes fifty.

    An access without the right to read the list of fields has the usual ones.
    """
    usual = [field.name for field in USUAL]
    custom: list[str] = []
    if not set(names) <= set(usual):
        try:
            custom = [field.name for field in custom_of(client) if field.name in names]
        except Rejected:
            custom = []
    return ",".join([*ALWAYS, *usual, *custom])


def flat(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a record's values as text, a related one's by its name;
    what is empty is an empty text.
    """
    return {
        name: text_of(value)
        for name, value in row.items()
        if name not in {"id", *ALWAYS} and not name.startswith("$")
    }


def _is_read_only(row: Mapping[str, Any]) -> bool:
    return row.get("read_only") is True or row.get("field_read_only") is True
