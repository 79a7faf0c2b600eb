"""The fields of a contact as `describe` lists them, and what may be written into each."""

from dataclasses import dataclass
from typing import Any, Final

OBJECT: Final = "Contact"


@dataclass(frozen=True)
class Column:
    """A field of the object Contact."""

    name: str
    label: str
    type: str = "string"
    length: int = 80
    writable: bool = True
    required: bool = False
    external_id: bool = False

    def as_json(self, *, writes: bool) -> dict[str, Any]:
        """Return it as `describe` does, for a user who may write contacts or not."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "length": self.length,
            "custom": self.name.endswith("__c"),
            "createable": self.writable and writes,
            "updateable": self.writable and writes,
            "nillable": not self.required,
            "externalId": self.external_id,
            "idLookup": self.name in {"Id", "Email"} or self.external_id,
            "unique": False,
            "calculated": False,
            "compoundFieldName": "Name" if self.name in {"FirstName", "LastName"} else None,
        }


COLUMNS: Final = {
    column.name: column
    for column in (
        Column("Id", "Contact ID", "id", 18, writable=False),
        Column("IsDeleted", "Deleted", "boolean", 0, writable=False),
        Column("MasterRecordId", "Master Record ID", "reference", 18, writable=False),
        Column("AccountId", "Account ID", "reference", 18),
        Column("LastName", "Last Name", required=True),
        Column("FirstName", "First Name", length=40),
        Column("Name", "Full Name", length=121, writable=False),
        Column("Email", "Email", "email"),
        Column("Phone", "Business Phone", "phone", 40),
        Column("MobilePhone", "Mobile Phone", "phone", 40),
        Column("Title", "Title", length=128),
        Column("Department", "Department"),
        Column("LeadSource", "Lead Source", "picklist", 255),
        Column("Description", "Contact Description", "textarea", 32000),
        Column("MailingAddress", "Mailing Address", "address", 0, writable=False),
        Column("MailingCity", "Mailing City", length=40),
        Column("OwnerId", "Owner ID", "reference", 18),
        Column("CreatedDate", "Created Date", "datetime", 0, writable=False),
        Column("LastModifiedDate", "Last Modified Date", "datetime", 0, writable=False),
        Column("SystemModstamp", "System Modstamp", "datetime", 0, writable=False),
        Column("Favourite_Region__c", "Favourite region", length=60),
        Column("Score__c", "Score", "double", 0),
        Column("Erp_Number__c", "ERP number", length=20, external_id=True),
    )
}
DATE_FIELDS: Final = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


def wrong(
    values: dict[str, Any], *, creates: bool, hidden: list[str]
) -> tuple[str, str, list[str]] | None:
    """Return code, message and fields of why these cannot be written; None where they can."""
    for name, value in values.items():
        column = COLUMNS.get(name)
        if column is None or name in hidden:
            return "INVALID_FIELD", f"No such column '{name}' on sobject of type {OBJECT}", []
        if not column.writable:
            message = (
                f"Unable to create/update fields: {name}. Please check the security settings "
                "of this field."
            )
            return "INVALID_FIELD_FOR_INSERT_UPDATE", message, [name]
        if column.length and isinstance(value, str) and len(value) > column.length:
            label = (
                f"{column.label}: data value too large: {value[:40]} (max length={column.length})"
            )
            return "STRING_TOO_LONG", label, [name]
        if column.type == "email" and value and not _is_address(str(value)):
            return (
                "INVALID_EMAIL_ADDRESS",
                f"{column.label}: invalid email address: {value}",
                [name],
            )
        if column.type == "double" and value is not None and not isinstance(value, int | float):
            return (
                "JSON_PARSER_ERROR",
                f"Cannot deserialize instance of double from VALUE_STRING value {value}",
                [name],
            )
    without = "" if creates else "x"
    if not values.get("LastName", without):
        return "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]
    return None


def _is_address(text: str) -> bool:
    name, _, domain = text.rpartition("@")
    return bool(name and "." in domain) and not any(
        letter in ' \t\n"(),:;<>[\\]' for letter in text
    )
