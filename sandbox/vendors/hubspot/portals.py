"""A portal: its contacts by id, as people, keys and imports leave them."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.vendors.hubspot import cast, refusals

ALWAYS: Final = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
# What a contact has from the vendor; the last is the portal's own.
PROPERTIES: Final = {
    "email": "Email",
    "firstname": "First Name",
    "lastname": "Last Name",
    "phone": "Phone Number",
    "mobilephone": "Mobile Phone Number",
    "company": "Company Name",
    "jobtitle": "Job Title",
    "website": "Website URL",
    "lifecyclestage": "Lifecycle Stage",
    "hs_additional_emails": "Additional email addresses",
    "favourite_colour": "Favourite colour",
}
READ_ONLY: Final = {
    "hs_object_id": "Record ID",
    "createdate": "Create Date",
    "lastmodifieddate": "Last Modified Date",
}
CUSTOM: Final = {"favourite_colour"}
FIRST_ID: Final = 10_001
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def iso(moment: int) -> str:
    """Write epoch milliseconds as the vendor writes a time."""
    at = datetime.fromtimestamp(moment / 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment % 1000:03d}Z"


def now() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


@dataclass
class Contact:
    """One contact; times in epoch milliseconds."""

    id: int
    properties: dict[str, str | None]
    created: int
    updated: int
    archived: int | None = None

    def addresses(self) -> list[str]:
        """Return every address that finds it: the first, and those beside it."""
        both = (
            f"{self.properties.get('email') or ''};"
            f"{self.properties.get('hs_additional_emails') or ''}"
        )
        return [address.lower() for address in both.split(";") if address]

    def value(self, name: str) -> str | None:
        """Return a property as search and answers see it."""
        times = {"createdate": self.created, "lastmodifieddate": self.updated}
        if name in times:
            return iso(times[name])
        if name == "hs_object_id":
            return str(self.id)
        return self.properties.get(name)

    def as_json(self, wanted: list[str], **more: Any) -> dict[str, Any]:
        names = dict.fromkeys((*ALWAYS, *wanted))
        known = {
            name: self.value(name) for name in names if name in PROPERTIES or name in READ_ONLY
        }
        found = {
            "id": str(self.id),
            "properties": known,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": self.archived is not None,
            **more,
        }
        if self.archived is not None:
            found["archivedAt"] = iso(self.archived)
        return found


@dataclass
class Portal:
    """All contacts of one account, archived ones among them."""

    id: int
    count: int
    contacts: dict[int, Contact] = field(default_factory=dict)
    # Of two that were merged, the old ids lead to the one that is left.
    moved: dict[int, int] = field(default_factory=dict)
    # What the account's own rules ask for.
    required: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        begun = now() - self.count * 60_000 - 86_400_000
        for number in range(self.count):
            made = begun + number * 60_000
            self.contacts[FIRST_ID + number] = Contact(
                FIRST_ID + number, cast.properties(self.id, number), made, made
            )
        self._by_address = {
            address: contact.id
            for contact in self.contacts.values()
            for address in contact.addresses()
        }
        self._next = FIRST_ID + self.count

    def get(self, name: str) -> Contact | None:
        """Return the contact of this id, followed where it was merged;
        None where it is not (any more).
        """
        if not name.isdecimal():
            return None
        contact = self.contacts.get(self.moved.get(int(name), int(name)))
        return None if contact is None or contact.archived is not None else contact

    def by_address(self, address: str) -> Contact | None:
        """Return the contact that any of whose addresses this is."""
        known = self._by_address.get(address.strip().lower())
        return None if known is None else self.get(str(known))

    def listed(self, *, archived: bool) -> list[Contact]:
        return [
            contact
            for contact in self.contacts.values()
            if (contact.archived is not None) == archived
        ]

    def create(self, properties: dict[str, Any]) -> Contact:
        """Add a contact; Stop where its address is another's."""
        self.check(properties)
        for name in self.required:
            if not properties.get(name):
                raise _wrong(name, "MISSING_REQUIRED_PROPERTY", "is required")
        known = self.by_address(str(properties.get("email") or ""))
        if known is not None:
            raise refusals.conflict(str(known.id))
        moment = now()
        contact = Contact(self._next, {"lifecyclestage": "lead", **properties}, moment, moment)
        self._next += 1
        self.contacts[contact.id] = contact
        self._index(contact)
        return contact

    def update(self, contact: Contact, properties: dict[str, Any]) -> Contact:
        """Change what is named; an empty text clears it."""
        self.check(properties)
        other = self.by_address(str(properties.get("email") or ""))
        if other is not None and other is not contact:
            raise refusals.conflict(str(other.id))
        self._forget(contact)
        contact.properties |= {name: value or None for name, value in properties.items()}
        contact.updated = max(now(), contact.updated + 1)
        self._index(contact)
        return contact

    def archive(self, contact: Contact) -> None:
        self._forget(contact)
        contact.archived = now()

    def merge(self, first: Contact, second: Contact) -> Contact:
        """Make one of two: it has an id of its own, and the addresses of both."""
        addresses = [*first.addresses(), *second.addresses()]
        properties = {
            **second.properties,
            **{name: value for name, value in first.properties.items() if value},
        }
        properties["hs_additional_emails"] = ";".join(addresses[1:])
        for old in (first, second):
            self._forget(old)
            del self.contacts[old.id]
        moment = now()
        merged = Contact(self._next, properties, min(first.created, second.created), moment)
        self._next += 1
        self.contacts[merged.id] = merged
        earlier = {
            old: merged.id for old, target in self.moved.items() if target in {first.id, second.id}
        }
        self.moved |= {**earlier, first.id: merged.id, second.id: merged.id}
        self._index(merged)
        return merged

    def check(self, properties: dict[str, Any]) -> None:
        """Stop for a property that there is not, or a value that is none."""
        for name, value in properties.items():
            if name in READ_ONLY:
                raise _wrong(name, "READ_ONLY_VALUE", "is read only")
            if name not in PROPERTIES:
                raise _wrong(name, "PROPERTY_DOESNT_EXIST", "does not exist")
            if name == "email" and value and not _ADDRESS.fullmatch(str(value)):
                raise _wrong(name, "INVALID_EMAIL", "is not a valid email address")

    def _index(self, contact: Contact) -> None:
        self._by_address |= dict.fromkeys(contact.addresses(), contact.id)

    def _forget(self, contact: Contact) -> None:
        for address in contact.addresses():
            self._by_address.pop(address, None)


def _wrong(name: str, code: str, words: str) -> Exception:
    message = (
        "Property values were not valid: "
        f'[{{"isValid":false,"message":"{name} {words}","error":"{code}"}}]'
    )
    return refusals.invalid(
        message,
        errors=[{"message": f"{name} {words}", "code": code, "context": {"propertyName": [name]}}],
    )
