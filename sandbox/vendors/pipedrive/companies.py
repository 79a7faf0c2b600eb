"""A company: its persons by id. Those that are deleted stay for a while, marked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.vendors.pipedrive import cast


def iso(moment: float) -> str:
    """Write a moment as version 2 does: whole seconds, UTC."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> float:
    return datetime.now(UTC).timestamp()


@dataclass
class Person:
    """One person; moments in seconds of the epoch."""

    id: int
    values: dict[str, Any]
    added: float
    updated: float
    is_deleted: bool = False

    def addresses(self) -> list[str]:
        return [
            str(email["value"]).lower() for email in self.values["emails"] if email.get("value")
        ]

    def as_json(self) -> dict[str, Any]:
        first, _, last = str(self.values["name"]).partition(" ")
        return {
            "id": self.id,
            "first_name": first,
            "last_name": last or None,
            "add_time": iso(self.added),
            "update_time": iso(self.updated),
            "is_deleted": self.is_deleted,
            "visible_to": 3,
            "label_ids": [],
            "picture_id": None,
            **self.values,
        }


@dataclass
class Company:
    """All persons of one company."""

    id: int
    count: int
    persons: dict[int, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        begun = now() - self.count * 60 - 86_400
        for number in range(self.count):
            made = begun + number * 60
            self.persons[number + 1] = Person(number + 1, cast.person(self.id, number), made, made)
        self._next = self.count + 1

    def seen_by(self, key: cast.Key) -> list[Person]:
        """Return the persons that a user sees: who is no administrator sees their own alone."""
        rows = self.persons.values()
        return [row for row in rows if key.is_admin or row.values.get("owner_id") == key.user]

    def get(self, name: str, key: cast.Key) -> Person | None:
        """Return the person of this id, deleted or not, where the user sees it."""
        person = self.persons.get(int(name)) if name.isdecimal() else None
        if person is None or key.is_admin or person.values.get("owner_id") == key.user:
            return person
        return None

    def create(self, values: dict[str, Any], owner: int) -> Person:
        """Add a person; nothing keeps an address from being another's too."""
        empty: dict[str, Any] = {
            "emails": [],
            "phones": [],
            "org_id": None,
            "owner_id": owner,
            "custom_fields": {},
        }
        moment = now()
        person = Person(self._next, {**empty, **values}, moment, moment)
        self._next += 1
        self.persons[person.id] = person
        return person

    def update(self, person: Person, values: dict[str, Any]) -> dict[str, Any]:
        """Change what is named: lists are replaced as a whole. Return what was there before."""
        custom = {**person.values["custom_fields"], **values.get("custom_fields", {})}
        changed = {**values, "custom_fields": custom}
        before = {
            name: person.values.get(name)
            for name in values
            if person.values.get(name) != changed[name]
        }
        person.values |= changed
        person.updated = now()
        return before

    def delete(self, person: Person) -> None:
        person.is_deleted = True
        person.updated = now()
