"""Addresses of leads and contacts, for the tests of the wall between organizations."""

from typing import Any


def LEAD(other: Any) -> dict[str, Any]:  # noqa: N802
    return {"record_id": other.world.lead.pk, "lead_id": other.world.lead.pk}


def CONTACT(other: Any) -> dict[str, Any]:  # noqa: N802
    return {"record_id": other.world.contact.pk, "contact_id": other.world.contact.pk}


OWN = {
    "api_erasures",
    "api_person_exports",
    "dashboard:privacy",
    "dashboard:people",
    "dashboard:people_export",
    "dashboard:people_bulk",
    "dashboard:people_contacts",
    "dashboard:people_contacts_export",
    "dashboard:add_lead",
    "dashboard:add_contact",
}
THINGS: dict[str, Any] = {
    "dashboard:erasure_certificate": lambda other: {"erasure_id": other.erasure.pk},
    "dashboard:person_export_file": lambda other: {"export_id": other.export.pk},
    "api_erasure": lambda other: {"erasure_id": other.erasure.pk},
    "api_person_export": lambda other: {"export_id": other.export.pk},
    "api_person_export_file": lambda other: {"export_id": other.export.pk},
    "api_lead_timeline": LEAD,
    "api_lead_brief": LEAD,
    "api_lead_twins": LEAD,
    "api_lead_merge": LEAD,
    "api_lead_undo": lambda other: LEAD(other) | {"merge_id": other.merge.pk},
    "api_contact_twins": CONTACT,
    "api_contact_merge": CONTACT,
    "api_contact_undo": lambda other: CONTACT(other) | {"merge_id": other.merge_of_contacts.pk},
    "dashboard:person": LEAD,
    "dashboard:edit_lead": LEAD,
    "dashboard:lead_brief": LEAD,
    "dashboard:merge_leads": lambda other: {
        "lead_id": other.world.lead.pk,
        "other_id": other.twin.pk,
    },
    "dashboard:undo_lead_merge": lambda other: {
        "lead_id": other.world.lead.pk,
        "merge_id": other.merge.pk,
    },
    "dashboard:contact": CONTACT,
    "dashboard:edit_contact": CONTACT,
    "dashboard:merge_contacts": lambda other: {
        "contact_id": other.world.contact.pk,
        "other_id": other.double.pk,
    },
    "dashboard:undo_contact_merge": lambda other: {
        "contact_id": other.world.contact.pk,
        "merge_id": other.merge_of_contacts.pk,
    },
}
# An ADMIN is internal: in people there is no wall for that role.
# The file of an export is for whoever asked for it alone.
NO_WALL_FOR_ADMIN = {*THINGS, "api_erasures", "api_person_exports"} - {
    "api_person_export_file",
    "dashboard:person_export_file",
}
# It leads on to the lead behind whom a contact is.
ANSWERS_WITHOUT_THE_WORD = {
    "dashboard:contact": ("/people/leads/",),
    "api_person_export": ('"rows"',),
    "api_erasures": ('"results"',),
    "api_person_exports": ('"results"',),
    "api_person_export_file": ("{}",),
    "dashboard:person_export_file": ("{}",),
    "dashboard:privacy": ("what-erase", "erase-email"),
}
DONE_ONLY = {
    "api_lead_merge": ("POST", 400),
    "api_lead_undo": ("POST", 200),
    "api_contact_merge": ("POST", 400),
    "api_contact_undo": ("POST", 200),
    "dashboard:undo_lead_merge": ("POST", 302),
    "dashboard:undo_contact_merge": ("POST", 302),
}
