"""The properties of HubSpot's contacts that can be mapped: those of every account,
and those that its people made.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.http import Client
from core.vendors import Values
from integrations.contacts.speaking import RemoteField
from integrations.providers.hubspot import answers
from integrations.providers.hubspot.names import PROPERTIES

FIELDS: Final = (
    RemoteField("email", _("E-mail")),
    RemoteField("firstname", _("First name")),
    RemoteField("lastname", _("Last name")),
    RemoteField("phone", _("Phone")),
    RemoteField("mobilephone", _("Mobile phone")),
    RemoteField("company", _("Company")),
    RemoteField("jobtitle", _("Job title")),
    RemoteField("website", _("Website")),
    RemoteField("lifecyclestage", _("Lifecycle stage"), writable=False),
)
KNOWN: Final = tuple(field.name for field in FIELDS)
# What is read only, whatever a mapping says: the stage moves one way alone.
UNWRITABLE: Final = frozenset({"lifecyclestage", "hs_object_id", "createdate", "lastmodifieddate"})
MAPPING: Final = {
    "firstName": "firstname",
    "lastName": "lastname",
    "email": "email",
    "phone": "phone",
    "company": "company",
}
# Kinds whose values are texts that people read.
_TEXTS: Final = frozenset(
    {"string", "number", "date", "datetime", "enumeration", "bool", "phone_number"}
)


def describe(client: Client, values: Values) -> list[RemoteField]:
    """Return the properties that can be mapped in this account, its own last."""
    rows = answers.rows_of(answers.fields_of(client.get(PROPERTIES)))
    own = [
        RemoteField(str(row["name"]), str(row.get("label") or row["name"]), not _is_read_only(row))
        for row in rows
        if row.get("hubspotDefined") is False and row.get("name") and _can_be_mapped(row)
    ]
    return [*FIELDS, *own]


def _can_be_mapped(row: Mapping[str, Any]) -> bool:
    is_shown = row.get("hidden") is not True and row.get("archived") is not True
    return is_shown and row.get("type") in _TEXTS


def _is_read_only(row: Mapping[str, Any]) -> bool:
    how = row.get("modificationMetadata")
    is_fixed = isinstance(how, Mapping) and how.get("readOnlyValue") is True
    return is_fixed or row.get("calculated") is True
