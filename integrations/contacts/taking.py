"""One batch of the vendor's records: each decided on, and put into effect on the rows
that were read for it.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.utils import timezone

from crm.privacy import returning
from integrations.contacts.deciding import (
    DELETED_THERE,
    ERASED,
    HIDDEN,
    Conflict,
    Create,
    Decision,
    Fail,
    Known,
    Ours,
    Skip,
    Theirs,
    Unchanged,
    Update,
    decide,
    is_id,
)
from integrations.contacts.mapping import EMAIL, OURS, Fields, one_spelling
from integrations.contacts.outcomes import PREVIEWED, SKIPPED, UNCHANGED, Taken, example, outcome_of
from integrations.contacts.people import CONTACT, LEAD, Link, Person, State
from integrations.contacts.rows import Rows, new_link
from integrations.contacts.speaking import RemoteContact

# Beyond that a moment of the vendor's is no moment of the past.
AHEAD: Final = timedelta(days=1)


def take(rows: Rows, records: Sequence[RemoteContact], fields: Fields, pass_number: int) -> Taken:
    """Put a batch into effect; to be called in a transaction, but for a dry run."""
    now = timezone.now()
    read = [_read(record, fields, now) for record in records]
    rows.begin()
    rows.read_links([_row_name(theirs) for theirs in read])
    gone = _erased(rows, read)
    rows.read_people_by_email({_address(theirs) for theirs in read if not _is_linked(rows, theirs)})
    taken = Taken()
    for theirs in read:
        if theirs.id in gone:
            outcome, person = _leave_out_erased(rows, theirs), None
        else:
            outcome, person = _take_one(rows, theirs, fields, now)
        taken.outcomes[outcome] += 1
        if theirs.is_deleted:
            taken.deleted.add(theirs.id)
        else:
            taken.seen.add(_row_name(theirs))
        if theirs.changed_at is not None:
            taken.latest = max(theirs.changed_at, taken.latest or theirs.changed_at)
        if (
            outcome not in (UNCHANGED, f"{SKIPPED}{DELETED_THERE}", f"{SKIPPED}{ERASED}")
            and len(taken.preview) < PREVIEWED
        ):
            taken.preview.append(example(outcome, theirs, person))
    rows.flush(pass_number, taken.seen)
    return taken


def _erased(rows: Rows, read: Sequence[Theirs]) -> frozenset[str]:
    """Return the records of people who were erased, by their ids: what has their address, and
    what was theirs and has none.
    """
    if not returning.begin():
        return frozenset()
    addresses = {theirs.values.get(EMAIL, "") for theirs in read} - {""}
    gone = returning.erased(rows.integration.organization_id, addresses)
    present = [theirs for theirs in read if not theirs.is_deleted]
    return frozenset(theirs.id for theirs in present if _is_erased(rows, theirs, gone))


def _is_erased(rows: Rows, theirs: Theirs, gone: Collection[str]) -> bool:
    if address := theirs.values.get(EMAIL, ""):
        return address in gone
    link = rows.link(_row_name(theirs))
    return link is not None and (link.state, link.reason) == (State.LEFT_OUT, ERASED)


def _leave_out_erased(rows: Rows, theirs: Theirs) -> str:
    """Remember of the record no more than its id, where that names nobody."""
    if "@" not in theirs.id:
        link = rows.link(_row_name(theirs)) or new_link(_row_name(theirs))
        link.leave_out(ERASED)
        rows.keep(link)
    return outcome_of(Skip(ERASED))


def _take_one(
    rows: Rows, theirs: Theirs, fields: Fields, now: datetime
) -> tuple[str, Person | None]:
    link = rows.link(_row_name(theirs))
    person, known, is_taken, is_found = None, None, False, False
    if link is not None:
        person, known = rows.person(link.person_id), link.remembered()
        if person is not None and rows.is_hidden(person) and not theirs.is_deleted:
            # What is remembered of them stays: they may be the owner's to see again.
            return outcome_of(Skip(HIDDEN)), None
    if person is None and not theirs.is_deleted:
        person, is_taken = _match(rows, theirs)
        is_found = True
        if person is not None:
            # Of them, what is remembered of somebody else says nothing.
            known = _of_former(person, theirs)
    ours = None
    if person is not None:
        ours = Ours(person.values, person.changed_at, is_taken)
    decision = decide(theirs, known, ours, fields)
    if is_found and person is not None and rows.is_hidden(person):
        decision = Skip(HIDDEN)
    return _put_into_effect(rows, decision, theirs, link, person, now)


def _of_former(person: Person, theirs: Theirs) -> Known | None:
    """Return what is known of a record that has an address from before a merge:
    theirs is another one by now, and neither side takes the other's."""
    if _address(theirs) not in person.former or _address(theirs) == one_spelling(
        person.values[EMAIL]
    ):
        return None
    return Known(ours={EMAIL: person.values[EMAIL]}, theirs={EMAIL: theirs.values[EMAIL]})


def _put_into_effect(
    rows: Rows,
    decision: Decision,
    theirs: Theirs,
    link: Link | None,
    person: Person | None,
    now: datetime,
) -> tuple[str, Person | None]:
    if isinstance(decision, Skip | Fail):
        _leave_out(rows, decision, theirs, link)
        return outcome_of(decision), None
    link = link or _link_for(rows, theirs, person)
    if isinstance(decision, Create):
        person = _added(rows, theirs, decision)
        link.is_made_by_pull = True
    elif isinstance(decision, Update | Conflict) and person is not None:
        rows.change(person, decision.values)
    if person is None:
        raise LookupError("Nobody is there whom a decision speaks of")
    link.belong(person, decision.base)
    if not isinstance(decision, Unchanged):
        link.taken = {**link.taken, **dict.fromkeys(decision.values, now.isoformat())}
        link.is_changed = True
    address = _address(theirs)
    if link.email != address:
        link.email, link.is_changed = address, True
    rows.keep(link)
    if isinstance(decision, Conflict):
        rows.changes.asked[link.id] = decision.fields
    elif rows.asked(link):
        rows.changes.settled.add(link.id)
    return outcome_of(decision), person


def _leave_out(rows: Rows, decision: Skip | Fail, theirs: Theirs, link: Link | None) -> None:
    """Note why a record is nobody's; what the vendor deleted is gone,
    and whose it was stays as they are.
    """
    if theirs.is_deleted:
        if link is not None and link.state == State.LINKED:
            link.state, link.known, link.is_changed = (
                State.GONE,
                replace(link.known, is_gone=True),
                True,
            )
            link.reason = DELETED_THERE
        return
    if link is None:
        link = new_link(_row_name(theirs), email=_address(theirs))
    if rows.asked(link):
        rows.changes.settled.add(link.id)
    link.leave_out(decision.reason)
    rows.keep(link)


def _match(rows: Rows, theirs: Theirs) -> tuple[Person | None, bool]:
    """Return whose address the record has, and whether another record is theirs already.

    Contacts are found so. A lead is somebody whom a contact may be behind,
    unless the vendor has it from us.
    """
    people = rows.who(_address(theirs)) if _address(theirs) else []
    contacts = [person for person in people if person.kind == CONTACT]
    for person in contacts:
        if rows.others_link(person, theirs.id) is None:
            return person, False
    if contacts:
        return contacts[0], True
    for person in people:
        if rows.others_link(person, theirs.id) is not None:
            return person, True
    return None, False


def _added(rows: Rows, theirs: Theirs, decision: Create) -> Person:
    leads = [
        each
        for each in rows.who(_address(theirs))
        if each.kind == LEAD and not rows.is_hidden(each)
    ]
    values = {name: decision.values.get(name, "") for name in OURS}
    person = Person(CONTACT, uuid4(), values, timezone.now(), is_new=True)
    if values[EMAIL] and leads:
        person.lead_id = leads[0].id
    rows.add(person)
    return person


def _link_for(rows: Rows, theirs: Theirs, person: Person | None) -> Link:
    """Return a new link, or the one that says that the vendor refused this person:
    now it has them.
    """
    for link in rows.links_of(person) if person is not None else ():
        if link.state == State.REFUSED:
            link.vendor_id, link.refusal, link.is_changed = theirs.id, {}, True
            return link
    return new_link(theirs.id)


def _read(record: RemoteContact, fields: Fields, now: datetime) -> Theirs:
    changed_at = record.changed_at
    if changed_at is not None and changed_at > now + AHEAD:
        changed_at = None
    return Theirs(str(record.id), fields.read(record.fields), changed_at, record.is_deleted)


def _row_name(theirs: Theirs) -> str:
    """Return what a record is kept under: its id, else a hash of all that it says."""
    if is_id(theirs.id):
        return theirs.id
    text = repr((theirs.id, sorted(theirs.values.items()))).encode("utf-8", "surrogatepass")
    return "?" + hashlib.blake2b(text, digest_size=16).hexdigest()


def _is_linked(rows: Rows, theirs: Theirs) -> bool:
    link = rows.link(_row_name(theirs))
    return link is not None and rows.person(link.person_id) is not None


def _address(theirs: Theirs) -> str:
    return one_spelling(theirs.values.get(EMAIL, ""))
