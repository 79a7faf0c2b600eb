"""The rows that a batch works on: read at once, looked up while it decides, written at its end.

A dry run reads the same rows and writes none. What it would have written it keeps,
and finds before the database's, so that what comes later decides as it would after a real run.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from core import locks
from crm.models import FormerAddress
from integrations.contacts import visibility, writing
from integrations.contacts.mapping import EMAIL, OURS, one_spelling
from integrations.contacts.people import CONTACT, LEAD, Link, Person, State
from integrations.contacts.shelf import Shelf
from integrations.contacts.visibility import MODELS
from integrations.models import ContactConflict, ContactLink, Integration


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
        # Who has an address that was looked for, and whom the integration's owner does not see.
        self._hidden: set[UUID] = set()
        # Link -> the fields that somebody has to decide on;
        # of a dry run also where it would have settled them.
        self.conflicting: dict[UUID, frozenset[str]] = {}
        self._pretended_conflicts: dict[UUID, frozenset[str]] = {}
        self.changes = writing.Changes()
        # What this batch works on, and before that what a dry run would have written.
        self._batch = Shelf()
        self._pretended = Shelf()

    def begin(self) -> None:
        """Let nobody else link people of this organization until the transaction ends."""
        if not self.is_dry:
            locks.hold("integrations.contacts", self.integration.organization_id)

    def read_links(self, vendor_ids: Collection[str]) -> None:
        """Read the links to these records with the people whom they are to,
        and what is asked about them.
        """
        self._read(Q(vendor_id__in=vendor_ids) & ~Q(vendor_id=""))
        found = [link for link in map(self.link, vendor_ids) if link is not None]
        for kind in MODELS:
            people = [link.person_id for link in found if link.kind == kind and link.person_id]
            self.read_people(kind, people)
            self._hide_linked(kind, people)
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
        unknown = [each for each in ids if self.person(each) is None]
        if unknown:
            self._read_people(kind, Q(pk__in=unknown), locks_them=locks_them)

    def read_people_by_email(self, addresses: Collection[str]) -> None:
        """Read who has these addresses, with their links."""
        wanted = [address for address in addresses if address]
        if not wanted:
            return
        found: list[UUID] = []
        former = self._former(wanted)
        for kind in MODELS:
            has_it = Q(email_normalized__in=wanted)
            if former[kind]:
                has_it |= Q(pk__in=former[kind])
            people = self._read_people(kind, has_it)
            self._note_former(former[kind])
            self._hide(kind, people)
            found += people
        if found:
            self.read_links_of(found)

    def is_hidden(self, person: Person) -> bool:
        """Tell whether somebody is not the owner's to see, or is it no longer."""
        return person.id in self._hidden

    def link(self, vendor_id: str) -> Link | None:
        """Return the link to this record, of those that were read."""
        return self._pretended.of_vendor_id(vendor_id) or self._batch.of_vendor_id(vendor_id)

    def person(self, person_id: UUID | None) -> Person | None:
        """Return this person, of those that were read."""
        if person_id is None:
            return None
        return self._pretended.people.get(person_id) or self._batch.people.get(person_id)

    def who(self, address: str) -> list[Person]:
        """Return who has this address, of those that were read, the oldest first."""
        found = {**self._pretended.people_of(address), **self._batch.people_of(address)}
        people = [person for person in map(self.person, found) if person is not None]
        return [
            each
            for each in people
            if one_spelling(each.values[EMAIL]) == address or address in each.former
        ]

    def links_of(self, person: Person) -> list[Link]:
        """Return a person's links, of those that were read."""
        found = {**self._pretended.links_of(person.id), **self._batch.links_of(person.id)}
        return [link for link in map(self._link, found) if link.person_id == person.id]

    def links_with(self, address: str) -> list[Link]:
        """Return the links to records of this address, of those that were read."""
        found = {**self._pretended.links_with(address), **self._batch.links_with(address)}
        return [link for link in map(self._link, found) if link.email == address]

    def asked(self, link: Link) -> frozenset[str]:
        """Return the fields that somebody has to decide on."""
        if link.id in self._pretended_conflicts:
            return self._pretended_conflicts[link.id]
        return self.conflicting.get(link.id, frozenset())

    def others_link(self, person: Person, vendor_id: str) -> Link | None:
        """Return the link by which a person is another record of the vendor."""
        others = (
            link
            for link in self.links_of(person)
            if link.state == State.LINKED and link.vendor_id != vendor_id
        )
        return next(others, None)

    def add(self, person: Person) -> None:
        """Take somebody in."""
        self._batch.add(person)

    def change(self, person: Person, values: Mapping[str, str]) -> None:
        """Give somebody these values."""
        person.values.update(values)
        person.changed |= values.keys()
        person.changed_at = timezone.now()
        self.add(person)

    def keep(self, link: Link) -> None:
        """Take a link in, or in again after it changed."""
        self._batch.keep(link)

    def is_missed(self, link: Link) -> bool:
        """Tell whether the last full pass did not see the record of a link."""
        return link.seen_in_pass < self.last_full and link.vendor_id not in self.seen

    def let_go(self, links: Collection[UUID], people: Collection[UUID]) -> None:
        """Have a dry run know of links that are let go, and of people who are deleted."""
        self.removed.update(people)
        self._read(Q(pk__in=links))
        for link in map(self._link, links):
            link.state, link.is_changed = State.GONE, True
            self.keep(link)
        self.flush()

    def pretended_links(self) -> Collection[Link]:
        """Return the links that a dry run made or changed."""
        return self._pretended.links.values()

    def flush(self, pass_number: int = 0, seen: Collection[str] = ()) -> None:
        """Write what changed, and note which records this pass saw;
        a dry run keeps all of it to itself.
        """
        for vendor_id in seen:
            link = self.link(vendor_id)
            if link is not None:
                link.seen_in_pass = pass_number
        people = [each for each in self._batch.people.values() if each.is_new or each.changed]
        links = [each for each in self._batch.links.values() if each.is_new or each.is_changed]
        changes = self.changes
        if not self.is_dry:
            writing.write_people(self.integration, people)
            writing.write_links(self.integration, links)
            writing.write_conflicts(self.integration, changes)
            writing.write_seen(self.integration, pass_number, seen)
        self.conflicting, self.changes, self._batch = {}, writing.Changes(), Shelf()
        if self.is_dry:
            self._remember(people, links, changes, seen)

    def _remember(
        self,
        people: list[Person],
        links: list[Link],
        changes: writing.Changes,
        seen: Collection[str],
    ) -> None:
        self.seen.update(seen)
        self._pretended_conflicts.update(
            {link_id: frozenset(fields) for link_id, fields in changes.asked.items()}
        )
        self._pretended_conflicts.update(dict.fromkeys(changes.settled, frozenset()))
        for person in people:
            self._pretended.add(person)
        for link in links:
            self._pretended.keep(link)

    def _hide(self, kind: str, people: Collection[UUID]) -> None:
        if people and not visibility.sees_all(self.integration):
            theirs = visibility.seen(self.integration, kind).filter(pk__in=people)
            self._hidden.update(set(people) - set(theirs.values_list("pk", flat=True)))

    def _hide_linked(self, kind: str, people: Collection[UUID]) -> None:
        """Hide whom the owner saw once; where there is no owner,
        everybody stays as up to date as before.
        """
        if people and visibility.is_somebodys(self.integration):
            self._hide(kind, people)

    def _former(self, wanted: Collection[str]) -> dict[str, dict[UUID, set[str]]]:
        """Return who had one of these addresses before they were merged, by their kind."""
        found: dict[str, dict[UUID, set[str]]] = {kind: {} for kind in MODELS}
        rows = FormerAddress.objects.filter(
            organization_id=self.integration.organization_id, email_normalized__in=wanted
        )
        for address, contact_id, lead_id in rows.values_list(
            "email_normalized", "contact_id", "lead_id"
        ):
            kind, person_id = (CONTACT, contact_id) if contact_id else (LEAD, lead_id)
            found[kind].setdefault(person_id, set()).add(address)
        return found

    def _note_former(self, former: Mapping[UUID, Collection[str]]) -> None:
        for person_id, addresses in former.items():
            person = self.person(person_id)
            if person is not None:
                person.former |= frozenset(addresses)
                self.add(person)

    def _link(self, link_id: UUID) -> Link:
        return self._pretended.links.get(link_id) or self._batch.links[link_id]

    def _read(self, which: Q) -> None:
        for link in writing.links_of_rows(
            ContactLink.objects.filter(which, integration=self.integration)
        ):
            if link.id not in self._pretended.links and link.id not in self._batch.links:
                self.keep(link)

    def _read_conflicts(self, which: Q) -> None:
        asked = ContactConflict.objects.filter(
            which, integration=self.integration, resolved_at=None
        )
        for link_id, fields in asked.values_list("link_id", "fields"):
            self.conflicting[link_id] = frozenset(fields)

    def _read_people(self, kind: str, which: Q, *, locks_them: bool = True) -> list[UUID]:
        """Return the ids of these people, the oldest first. Who is kept already stays as kept."""
        columns = ["id", "updated_at", *OURS, *(["lead_id"] if kind == CONTACT else [])]
        rows = MODELS[kind]._default_manager.filter(
            which, organization_id=self.integration.organization_id
        )
        rows = rows.order_by("created_at", "id")
        if locks_them and not self.is_dry:
            rows = rows.select_for_update(no_key=True)
        found = []
        for person_id, changed_at, *values in rows.values_list(*columns):
            found.append(person_id)
            if self.person(person_id) is None:
                lead_id = values[len(OURS)] if kind == CONTACT else None
                self.add(
                    Person(
                        kind, person_id, dict(zip(OURS, values, strict=False)), changed_at, lead_id
                    )
                )
        return found


def new_link(vendor_id: str, *, email: str = "") -> Link:
    """Return a link that is not stored yet."""
    return Link(vendor_id=vendor_id, id=uuid.uuid4(), email=email, is_new=True)


def addresses_of(people: Iterable[Person]) -> list[str]:
    """Return the addresses of these people in their one spelling."""
    return [one_spelling(person.values[EMAIL]) for person in people]
