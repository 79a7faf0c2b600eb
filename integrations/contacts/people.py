"""A person in Koppel and a record of the vendor, as the sync handles them:
no more of a row than it needs.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from integrations.contacts.deciding import DELETED_IN_KOPPEL, Known
from integrations.models import ContactLink

State = ContactLink.State
CONTACT, LEAD = "contact", "lead"
KINDS: Final = (CONTACT, LEAD)


@dataclass(slots=True)
class Person:
    """A contact or a lead."""

    kind: str
    id: UUID
    values: dict[str, str] = field(repr=False)
    changed_at: datetime | None = None
    # Of a contact: the lead that it is behind.
    lead_id: UUID | None = None
    # Addresses of somebody with whom they were merged: a record that has one is theirs.
    former: frozenset[str] = frozenset()
    is_new: bool = False
    # What this batch changed.
    changed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Link:
    """What is known of one record at the vendor."""

    vendor_id: str
    id: UUID = field(default_factory=uuid.uuid4)
    kind: str = ""
    person_id: UUID | None = None
    state: str = State.LINKED
    reason: str = ""
    refusal: Mapping[str, Any] = field(default_factory=dict)
    email: str = ""
    known: Known = field(default_factory=Known)
    taken: dict[str, str] = field(default_factory=dict, repr=False)
    is_made_by_pull: bool = False
    pushed_at: datetime | None = None
    seen_in_pass: int = 0
    is_changed: bool = False
    is_new: bool = False

    def remembered(self) -> Known | None:
        """Return what it remembers; None where that says nothing of this person, or of anybody."""
        if self.state == State.LEFT_OUT and self.reason != DELETED_IN_KOPPEL:
            return None
        return self.known

    def leave_out(self, reason: str) -> None:
        """Note why the record is nobody's."""
        if (self.state, self.reason) != (State.LEFT_OUT, reason):
            self.state, self.reason, self.is_changed = State.LEFT_OUT, reason, True

    def belong(self, person: Person, known: Known) -> None:
        """Note whose the record is, and what both sides have now."""
        now = (State.LINKED, "", person.kind, person.id, known)
        if (self.state, self.reason, self.kind, self.person_id, self.known) != now:
            self.state, self.reason, self.kind, self.person_id, self.known = now
            self.is_changed = True
