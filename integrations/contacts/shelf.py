"""People and links at hand, found by what is known of them."""

from collections import defaultdict
from typing import Final
from uuid import UUID

from integrations.contacts.mapping import EMAIL, one_spelling
from integrations.contacts.people import Link, Person

# As a set that keeps its order.
Order = dict[UUID, None]
NONE: Final[Order] = {}


class Shelf:
    """Each by its id, and ids by what they are looked up by:
    who is found so may be somebody else by now.
    """

    def __init__(self) -> None:
        self.people: dict[UUID, Person] = {}
        self.links: dict[UUID, Link] = {}
        self._people_by_email: dict[str, Order] = defaultdict(dict)
        self._links_by_vendor_id: dict[str, UUID] = {}
        self._links_by_person: dict[UUID, Order] = defaultdict(dict)
        self._links_by_email: dict[str, Order] = defaultdict(dict)

    def add(self, person: Person) -> None:
        """Take somebody in, or in again after they changed."""
        self.people[person.id] = person
        for address in (one_spelling(person.values[EMAIL]), *person.former):
            self._people_by_email[address][person.id] = None

    def keep(self, link: Link) -> None:
        """Take a link in, or in again after it changed."""
        self.links[link.id] = link
        if link.vendor_id:
            self._links_by_vendor_id[link.vendor_id] = link.id
        if link.person_id is not None:
            self._links_by_person[link.person_id][link.id] = None
        if link.email:
            self._links_by_email[link.email][link.id] = None

    def of_vendor_id(self, vendor_id: str) -> Link | None:
        """Return the link to this record."""
        found = self._links_by_vendor_id.get(vendor_id)
        if found is None:
            return None
        return self.links[found]

    def people_of(self, address: str) -> Order:
        """Return who has or had this address."""
        return self._people_by_email.get(address, NONE)

    def links_of(self, person_id: UUID) -> Order:
        """Return the links that somebody has or had."""
        return self._links_by_person.get(person_id, NONE)

    def links_with(self, address: str) -> Order:
        """Return the links to records that have or had this address."""
        return self._links_by_email.get(address, NONE)
