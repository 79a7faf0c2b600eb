"""What a batch writes, and links as they are read: a statement for each table."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from core import happenings
from crm.models import Contact, Lead
from integrations.contacts import statements
from integrations.contacts.deciding import Known
from integrations.contacts.mapping import EMAIL, one_spelling
from integrations.contacts.people import CONTACT, LEAD, Link, Person, State
from integrations.models import ContactConflict, ContactLink, Integration

_COLUMNS: Final = (
    "id", "vendor_id", "contact_id", "lead_id", "state", "reason", "refusal", "email", "ours",
    "theirs", "taken", "is_made_by_pull", "awaits_echo", "changed_at", "pushed_at", "seen_in_pass",
)  # fmt: skip
# Beside the vendor's values, until its echo is seen: those that were written over.
REPLACED: Final = "replaced"


@dataclass(slots=True)
class Changes:
    """What becomes of conflicts: link -> field -> both values; and those that both sides ended."""

    asked: dict[UUID, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    settled: set[UUID] = field(default_factory=set)


def write_people(integration: Integration, people: Sequence[Person]) -> None:
    """Store people, and tell what happened to whom, each once."""
    now = timezone.now()
    for kind, upsert in ((CONTACT, statements.CONTACTS), (LEAD, statements.LEADS)):
        theirs = [person for person in people if person.kind == kind]
        upsert.run([_person_row(integration, person) for person in theirs], now=now)
        _tell(kind, theirs)


def write_links(integration: Integration, links: Sequence[Link]) -> None:
    """Store links."""
    statements.LINKS.run([_link_row(link) for link in links], integration=str(integration.pk))


def write_conflicts(integration: Integration, changes: Changes) -> None:
    """Open conflicts, bring open ones up to date, and end what is settled."""
    now = timezone.now()
    rows = [
        {
            "id": uuid.uuid4(),
            "link_id": link_id,
            "fields": {
                name: {"ours": ours, "theirs": theirs} for name, (ours, theirs) in fields.items()
            },
        }
        for link_id, fields in changes.asked.items()
    ]
    statements.CONFLICTS.run(rows, integration=str(integration.pk), now=now)
    if changes.settled:
        ContactConflict.objects.filter(link_id__in=changes.settled, resolved_at=None).update(
            resolved_at=now
        )


def write_seen(integration: Integration, pass_number: int, seen: Collection[str]) -> None:
    """Note that this pass saw these records."""
    if not seen:
        return
    with connection.cursor() as cursor:
        cursor.execute(statements.SEEN, [pass_number, integration.pk, list(seen), pass_number])


def links_of_rows(rows: QuerySet[ContactLink]) -> Iterator[Link]:
    """Yield rows as links."""
    for row in rows.order_by("id").values_list(*_COLUMNS):
        yield _link(dict(zip(_COLUMNS, row, strict=True)))


def _tell(kind: str, people: Sequence[Person]) -> None:
    new = [person.id for person in people if person.is_new]
    changed: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
    for person in people:
        if not person.is_new:
            changed[tuple(sorted(person.changed))].append(person.id)
    if new:
        happenings.tell(f"{kind}.created", _rows(kind, new))
    for names, ids in changed.items():
        happenings.tell(f"{kind}.updated", _rows(kind, ids), changed=list(names))


def _rows(kind: str, ids: list[UUID]) -> QuerySet[Any]:
    model = Contact if kind == CONTACT else Lead
    return model._default_manager.filter(pk__in=ids)


def _person_row(integration: Integration, person: Person) -> dict[str, Any]:
    row = {"id": person.id, "organization_id": integration.organization_id, **person.values}
    row["email_normalized"] = one_spelling(person.values[EMAIL])
    if person.kind == CONTACT:
        row["lead_id"] = person.lead_id
    return row


def _link(row: dict[str, Any]) -> Link:
    is_gone = row["state"] == State.GONE
    theirs = dict(row["theirs"])
    replaced = theirs.pop(REPLACED, {})
    kind = CONTACT if row["contact_id"] else ""
    if row["lead_id"]:
        kind = LEAD
    return Link(
        vendor_id=row["vendor_id"],
        id=row["id"],
        kind=kind,
        person_id=row["contact_id"] or row["lead_id"],
        state=row["state"],
        reason=row["reason"],
        refusal=row["refusal"],
        email=row["email"],
        known=Known(row["ours"], theirs, row["changed_at"], row["awaits_echo"], is_gone, replaced),
        taken=row["taken"],
        is_made_by_pull=row["is_made_by_pull"],
        pushed_at=row["pushed_at"],
        seen_in_pass=row["seen_in_pass"],
    )


def _link_row(link: Link) -> dict[str, Any]:
    kept = {REPLACED: dict(link.known.replaced)} if link.known.replaced else {}
    return {
        "id": link.id,
        "vendor_id": link.vendor_id,
        "contact_id": link.person_id if link.kind == CONTACT else None,
        "lead_id": link.person_id if link.kind == LEAD else None,
        "state": link.state,
        "reason": link.reason,
        "refusal": link.refusal,
        "email": link.email,
        "ours": link.known.ours,
        "theirs": {**link.known.theirs, **kept},
        "taken": link.taken,
        "is_made_by_pull": link.is_made_by_pull,
        "awaits_echo": link.known.awaits_echo,
        "changed_at": link.known.changed_at,
        "pushed_at": link.pushed_at,
        "seen_in_pass": link.seen_in_pass,
    }
