"""The rows that a batch works on: read at once, looked up while it decides, written at its end.

A dry run reads the same rows and writes none. What it would have written it keeps, and finds before the database's, so
that what comes later decides as it would after a real run.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from django.db.models import Model, Q
from django.utils import timezone

from core import locks
from crm.models import Contact, Lead
from integrations.contacts import writing
from integrations.contacts.mapping import EMAIL, OURS, one_spelling
from integrations.contacts.people import CONTACT, LEAD, Link, Person, State
from integrations.models import ContactConflict, ContactLink, Integration

MODELS: Final[dict[str, type[Model]]] = {CONTACT: Contact, LEAD: Lead}
LOCK: Final = "integrations.contacts"
Order = dict[UUID, None]


class Rows:
    """The people of an organization and the records of one integration."""

    def __init__(self, integration: Integration, *, is_dry: bool) -> None:
        self.integration = integration
        self.is_dry = is_dry
        # The last full pass that saw all of the list.
        self.last_full = 0
        # Of a dry run: the records that it saw, and the people whom it would have deleted.
        self.seen: set[str] = set()
        self.removed: set[UUID] = set()
        # Link -> the fields that somebody has to decide on.
        self.conflicting: dict[UUID, frozenset[str]] = {}
        self.changes = writing.Changes()
        # The same for conflicts of a dry run; empty where it settled them.
        self._pretended: dict[UUID, frozenset[str]] = {}
        self._people: dict[UUID, Person] = {}
        self._by_email: dict[str, Order] = defaultdict(dict)
        self._links: dict[UUID, Link] = {}
        self._by_vendor_id: dict[str, UUID] = {}
        self._by_person: dict[UUID, Order] = defaultdict(dict)
        self._links_by_email: dict[str, Order] = defaultdict(dict)

    def begin(self) -> None:
        """Let nobody else link people of this organization until the transaction ends."""
        if not self.is_dry:
            locks.hold(LOCK, self.integration.organization_id)

    def read_links(self, vendor_ids: Collection[str]) -> None:
        """Read the links to these records with the people whom they are to, and what is asked about them."""
        self._read(Q(vendor_id__in=vendor_ids) & ~Q(vendor_id=""))
        found = [link for link in map(self.link, vendor_ids) if link is not None]
        for kind in MODELS:
            self.read_people(kind, [link.person_id for link in found if link.kind == kind and link.person_id])
        self._read_conflicts(Q(link_id__in=[link.id for link in found]))

    def read_links_of(self, people: Collection[UUID]) -> None:
        """Read the links that these people have, and what is asked about them."""
        self._read(Q(contact_id__in=people) | Q(lead_id__in=people))
        self._read_conflicts(Q(link__contact_id__in=people) | Q(link__lead_id__in=people))

    def read_links_by_email(self, addresses: Collection[str]) -> None:
        """Read the links to records that have these addresses at the vendor."""
        self._read(Q(email__in=[address for address in addresses if address]) & ~Q(email=""))

    def read_people(self, kind: str, ids: Collection[UUID], *, locks_them: bool = True) -> None:
        """Read these people."""
        unknown = [each for each in ids if each not in self._people]
        if unknown:
            self._read_people(kind, Q(pk__in=unknown), locks_them=locks_them)

    def read_people_by_email(self, addresses: Collection[str]) -> None:
        """Read who has these addresses, with their links."""
        wanted = [address for address in addresses if address]
        if not wanted:
            return
        found: list[UUID] = []
        for kind in MODELS:
            found += self._read_people(kind, Q(email_normalized__in=wanted))
        if found:
            self.read_links_of(found)

    def link(self, vendor_id: str) -> Link | None:
        """Return the link to this record, of those that were read."""
        found = self._by_vendor_id.get(vendor_id)
        if found is None:
            return None
        return self._links[found]

    def person(self, person_id: UUID | None) -> Person | None:
        """Return this person, of those that were read."""
        if person_id is None:
            return None
        return self._people.get(person_id)

    def who(self, address: str) -> list[Person]:
        """Return who has this address, of those that were read, the oldest first."""
        people = [self._people[each] for each in self._by_email.get(address, ())]
        return [each for each in people if one_spelling(each.values[EMAIL]) == address]

    def links_of(self, person: Person) -> list[Link]:
        """Return a person's links, of those that were read."""
        links = [self._links[each] for each in self._by_person.get(person.id, ())]
        return [link for link in links if link.person_id == person.id]

    def links_with(self, address: str) -> list[Link]:
        """Return the links to records of this address, of those that were read."""
        links = [self._links[each] for each in self._links_by_email.get(address, ())]
        return [link for link in links if link.email == address]

    def asked(self, link: Link) -> frozenset[str]:
        """Return the fields that somebody has to decide on."""
        return self.conflicting.get(link.id, frozenset())

    def others_link(self, person: Person, vendor_id: str) -> Link | None:
        """Return the link by which a person is another record of the vendor."""
        others = (link for link in self.links_of(person) if link.state == State.LINKED and link.vendor_id != vendor_id)
        return next(others, None)

    def add(self, person: Person) -> None:
        """Take somebody in."""
        self._people[person.id] = person
        self._by_email[one_spelling(person.values[EMAIL])][person.id] = None

    def change(self, person: Person, values: Mapping[str, str]) -> None:
        """Give somebody these values."""
        person.values.update(values)
        person.changed |= values.keys()
        person.changed_at = timezone.now()
        self.add(person)

    def keep(self, link: Link) -> None:
        """Take a link in, or in again after it changed."""
        self._links[link.id] = link
        if link.vendor_id:
            self._by_vendor_id[link.vendor_id] = link.id
        if link.person_id is not None:
            self._by_person[link.person_id][link.id] = None
        if link.email:
            self._links_by_email[link.email][link.id] = None

    def is_missed(self, link: Link) -> bool:
        """Tell whether the last full pass did not see the record of a link."""
        return link.seen_in_pass < self.last_full and link.vendor_id not in self.seen

    def let_go(self, links: Collection[UUID], people: Collection[UUID]) -> None:
        """Have a dry run know of links that are let go, and of people who are deleted."""
        self.removed.update(people)
        self._read(Q(pk__in=links))
        for link_id in links:
            self._links[link_id].state, self._links[link_id].is_changed = State.GONE, True
        self.flush()

    def pretended_links(self) -> list[Link]:
        """Return the links that a dry run made or changed."""
        if not self.is_dry:
            return []
        return [each for each in self._links.values() if each.is_new or each.is_changed]

    def flush(self, pass_number: int = 0, seen: Collection[str] = ()) -> None:
        """Write what changed, and note which records this pass saw; a dry run keeps all of it to itself."""
        people = [each for each in self._people.values() if each.is_new or each.changed]
        for vendor_id in seen:
            link = self.link(vendor_id)
            if link is not None:
                link.seen_in_pass = pass_number
        links = [each for each in self._links.values() if each.is_new or each.is_changed]
        if not self.is_dry:
            writing.write_people(self.integration, people)
            writing.write_links(self.integration, links)
            writing.write_conflicts(self.integration, self.changes)
            writing.write_seen(self.integration, pass_number, seen)
        changes = self.changes
        self._forget()
        if self.is_dry:
            self._remember(people, links, changes, seen)

    def _remember(
        self, people: list[Person], links: list[Link], changes: writing.Changes, seen: Collection[str]
    ) -> None:
        self.seen.update(seen)
        self._pretended.update({link_id: frozenset(fields) for link_id, fields in changes.asked.items()})
        self._pretended.update(dict.fromkeys(changes.settled, frozenset()))
        for person in people:
            self.add(person)
        for link in links:
            self.keep(link)

    def _forget(self) -> None:
        self.conflicting, self.changes = {}, writing.Changes()
        for kept in (self._people, self._by_email, self._links, self._by_vendor_id, self._by_person):
            kept.clear()
        self._links_by_email.clear()

    def _read(self, which: Q) -> None:
        for link in writing.links_of_rows(ContactLink.objects.filter(which, integration=self.integration)):
            if link.id not in self._links:
                self.keep(link)

    def _read_conflicts(self, which: Q) -> None:
        asked = ContactConflict.objects.filter(which, integration=self.integration, resolved_at=None)
        for link_id, fields in asked.values_list("link_id", "fields"):
            self.conflicting[link_id] = frozenset(fields)
        self.conflicting.update(self._pretended)

    def _read_people(self, kind: str, which: Q, *, locks_them: bool = True) -> list[UUID]:
        """Return the ids of these people, the oldest first. Who is kept already stays as kept."""
        columns = ["id", "updated_at", *OURS, *(["lead_id"] if kind == CONTACT else [])]
        rows = MODELS[kind]._default_manager.filter(which, organization_id=self.integration.organization_id)
        rows = rows.order_by("created_at", "id")
        if locks_them and not self.is_dry:
            rows = rows.select_for_update(no_key=True)
        found = []
        for person_id, changed_at, *values in rows.values_list(*columns):
            found.append(person_id)
            if person_id not in self._people:
                lead_id = values[len(OURS)] if kind == CONTACT else None
                self.add(Person(kind, person_id, dict(zip(OURS, values, strict=False)), changed_at, lead_id))
        return found


def new_link(vendor_id: str, *, email: str = "") -> Link:
    """Return a link that is not stored yet."""
    return Link(vendor_id=vendor_id, id=uuid.uuid4(), email=email, is_new=True)


def addresses_of(people: Iterable[Person]) -> list[str]:
    """Return the addresses of these people in their one spelling."""
    return [one_spelling(person.values[EMAIL]) for person in people]
