"""Rows of the audit log that name a person: they lose the name, and the chain notes it."""

from typing import Any, Final
from uuid import UUID

from core.audit import redacting
from core.models import AuditEvent
from core.privacy import rows
from core.privacy.marks import Person
from core.privacy.places import KEEP, Counts, Place

# What was written before names were left out of the log, and what people typed.
_NAMING: Final = ("target_name", "user_agent", "facts")
PLACE: Final = Place("core.AuditEvent", KEEP, organization="organization_id")
NAME: Final = AuditEvent._meta.db_table


def erase(person: Person, organization_id: UUID | None) -> Counts:
    """Take the person out of the rows that name them."""
    number = 0
    for event in _naming(person, organization_id):
        redacting.redact(event, **_without(person, event))
        number += 1
    if not number:
        return {}
    return {NAME: {"found": number, "redacted": number}}


def left(person: Person, organization_id: UUID | None) -> Counts:
    """Count the rows that name them still."""
    number = len(_naming(person, organization_id))
    if not number:
        return {}
    return {NAME: {"found": number}}


def _naming(person: Person, organization_id: UUID | None) -> list[AuditEvent]:
    keys = [key for some in rows.found_keys(PLACE, person, organization_id) for key in some]
    found = AuditEvent.objects.filter(pk__in=keys).order_by("sequence")
    return [event for event in found if _without(person, event)]


def _without(person: Person, event: AuditEvent) -> dict[str, Any]:
    """Return the columns that name the person, without them."""
    changed = {name: rows.without(getattr(event, name), person) for name in _NAMING}
    return {name: value for name, value in changed.items() if value != getattr(event, name)}
