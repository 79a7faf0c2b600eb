"""What of people is to be sent: the fields that changed in Koppel since both sides agreed,
and nothing else.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from integrations.contacts.deciding import DELETED_THERE
from integrations.contacts.mapping import EMAIL, Fields, one_spelling
from integrations.contacts.outcomes import SKIPPED
from integrations.contacts.people import Link, Person, State
from integrations.contacts.rows import Rows, addresses_of
from integrations.contacts.speaking import ContactWrite
from integrations.contacts.words import NO_EMAIL, NOT_SEEN, SAME_ADDRESS


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent of one person; `sent` has it by our names."""

    person: Person
    write: ContactWrite
    sent: Mapping[str, str] = field(repr=False)


@dataclass(slots=True)
class Planned:
    """What is sent of a page of people, and why others are not sent."""

    plans: list[Plan] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def plan(rows: Rows, fields: Fields, kind: str, ids: Collection[UUID]) -> Planned:
    """Plan a page of people; nothing is locked, as nothing of theirs is written."""
    rows.read_people(kind, ids, locks_them=False)
    rows.read_links_of(ids)
    people = [
        person
        for person in map(rows.person, ids)
        if person is not None and person.id not in rows.removed
    ]
    rows.read_links_by_email(addresses_of(people))
    planned = Planned()
    addresses: set[str] = set()
    for person in people:
        _plan_one(rows, fields, person, planned, addresses)
    rows.flush()
    return planned


def _plan_one(
    rows: Rows, fields: Fields, person: Person, planned: Planned, addresses: set[str]
) -> None:
    links = rows.links_of(person)
    linked = next((link for link in links if link.state == State.LINKED), None)
    if linked is not None:
        sent = _changed(rows, fields, person, linked)
        if sent and rows.is_missed(linked):
            planned.skipped[f"{SKIPPED}{NOT_SEEN}"] += 1
        elif sent:
            planned.plans.append(_plan(fields, person, linked, sent))
        return
    address = one_spelling(person.values[EMAIL])
    reason = _why_not(rows, person, links, address, addresses)
    if reason:
        planned.skipped[f"{SKIPPED}{reason}"] += 1
        return
    addresses.add(address)
    sent = {name: person.values[name] for name in fields.pushed if person.values[name]}
    planned.plans.append(_plan(fields, person, None, sent))


def _why_not(
    rows: Rows, person: Person, links: list[Link], address: str, addresses: set[str]
) -> str:
    """Return why somebody whom the vendor does not have yet is not sent; '' where they are."""
    if any(link.state == State.GONE for link in links):
        return DELETED_THERE
    if not address:
        return NO_EMAIL
    others = (link for link in rows.links_with(address) if link.person_id not in (None, person.id))
    if address in addresses or any(link.state == State.LINKED for link in others):
        return SAME_ADDRESS
    return ""


def _changed(rows: Rows, fields: Fields, person: Person, link: Link) -> dict[str, str]:
    """Return the fields that changed in Koppel; those that a person has to decide on wait."""
    changed: dict[str, str] = {}
    for name in fields.pushed - rows.asked(link):
        value, before = person.values[name], link.known.theirs.get(name, "")
        may_be_sent = bool(value) or name != EMAIL
        if may_be_sent and value not in (link.known.ours.get(name), before):
            changed[name] = value
    return changed


def _plan(fields: Fields, person: Person, link: Link | None, sent: Mapping[str, str]) -> Plan:
    known = link.known.theirs if link is not None else {}
    vendor_id = link.vendor_id if link is not None else None
    write = ContactWrite(
        str(person.id), vendor_id, person.values[EMAIL], fields.written(sent, known)
    )
    return Plan(person, write, sent)
