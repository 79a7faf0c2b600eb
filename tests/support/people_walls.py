"""Addresses of leads and contacts, for the tests of the wall between organizations."""

from typing import Any

LEAD = lambda other: {"record_id": other.world.lead.pk}  # noqa: E731
CONTACT = lambda other: {"record_id": other.world.contact.pk}  # noqa: E731
OWN: set[str] = set()
THINGS: dict[str, Any] = {
    "api_lead_timeline": LEAD,
    "api_lead_brief": LEAD,
    "api_lead_twins": LEAD,
    "api_lead_merge": LEAD,
    "api_lead_undo": lambda other: LEAD(other) | {"merge_id": other.merge.pk},
    "api_contact_twins": CONTACT,
    "api_contact_merge": CONTACT,
    "api_contact_undo": lambda other: CONTACT(other) | {"merge_id": other.merge_of_contacts.pk},
}
# An ADMIN is internal: in people there is no wall for that role.
NO_WALL_FOR_ADMIN = set(THINGS)
DONE_ONLY = {
    "api_lead_merge": ("POST", 400),
    "api_lead_undo": ("POST", 200),
    "api_contact_merge": ("POST", 400),
    "api_contact_undo": ("POST", 200),
}
