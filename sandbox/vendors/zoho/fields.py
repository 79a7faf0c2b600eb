"""The fields of a contact as its metadata lists them, and what may be written into each."""

from dataclasses import dataclass
from typing import Any, Final

from sandbox.vendors.zoho.refusals import body


@dataclass(frozen=True)
class Column:
    """A field of the module Contacts."""

    api_name: str
    label: str
    type: str = "text"
    length: int = 120
    writable: bool = True
    mandatory: bool = False
    custom: bool = False

    def as_json(self, number: int) -> dict[str, Any]:
        return {
            "id": f"{5843104000000002000 + number}",
            "api_name": self.api_name,
            "field_label": self.label,
            "display_label": self.label,
            "data_type": self.type,
            "length": self.length,
            "custom_field": self.custom,
            "read_only": not self.writable,
            "field_read_only": not self.writable,
            "system_mandatory": self.mandatory,
            "visible": True,
            "operation_type": {"web_create": self.writable, "web_update": self.writable,
                               "api_create": self.writable,
                               "api_update": self.writable},
        }  # fmt: skip


COLUMNS: Final = {
    column.api_name: column
    for column in (
        Column("Owner", "Contact Owner", "ownerlookup"),
        Column("First_Name", "First Name", length=40),
        Column("Last_Name", "Last Name", length=80, mandatory=True),
        Column("Full_Name", "Full Name", length=80, writable=False),
        Column("Email", "Email", "email", 100),
        Column("Secondary_Email", "Secondary Email", "email", 100),
        Column("Phone", "Phone", "phone", 30),
        Column("Mobile", "Mobile", "phone", 30),
        Column("Title", "Title", length=100),
        Column("Department", "Department", length=50),
        Column("Account_Name", "Account Name", "lookup", 200),
        Column("Lead_Source", "Lead Source", "picklist"),
        Column("Mailing_City", "Mailing City", length=30),
        Column("Description", "Description", "textarea", 32000),
        Column("Created_Time", "Created Time", "datetime", writable=False),
        Column("Modified_Time", "Modified Time", "datetime", writable=False),
        Column("Tag", "Tag", "text", writable=False),
        Column("Favourite_Region", "Favourite region", length=60, custom=True),
        Column("Seats", "Seats", "integer", 9, custom=True),
    )
}


def wrong(values: dict[str, Any], *, creates: bool) -> dict[str, Any] | None:
    """Return the error that stands in a row's place; None where it can be written."""
    for name, value in values.items():
        column = COLUMNS.get(name)
        # A name that is no field's is passed over, as the vendor does.
        if column is None or value is None or not column.writable:
            continue
        if column.type == "integer" and not isinstance(value, int):
            return _invalid(name, expected_data_type="integer")
        if column.type in {"lookup", "ownerlookup"}:
            if not isinstance(value, dict) or not value.get("id"):
                return _invalid(name, expected_data_type="jsonobject")
        elif column.type != "integer" and not isinstance(value, str):
            return _invalid(name, expected_data_type="text")
        elif len(str(value)) > column.length:
            return _invalid(name, maximum_length=column.length)
        if column.type == "email" and value and not _is_address(str(value)):
            return _invalid(name, expected_data_type="email")
    without = "" if creates else "x"
    if not values.get("Last_Name", without):
        return body(
            "MANDATORY_NOT_FOUND",
            "required field not found",
            api_name="Last_Name",
            json_path="$.data[0].Last_Name",
        )
    return None


def _invalid(name: str, **details: Any) -> dict[str, Any]:
    return body("INVALID_DATA", "invalid data", api_name=name, **details)


def _is_address(text: str) -> bool:
    name, _, domain = text.rpartition("@")
    return bool(name and "." in domain) and not any(
        letter in ' \t\n"(),:;<>[\\]' for letter in text
    )
