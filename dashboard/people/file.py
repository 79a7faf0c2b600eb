"""One person: who they are, where that is known from, and why what stands
in their file is theirs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from core.models import User
from core.words.sayings import Text
from crm import access, brief, duplicates, timeline
from crm.models import Appointment, Contact, FormerAddress, Lead, Merge
from crm.models.prospects import Prospect
from dashboard.navigation import Shell
from dashboard.people import labels, story, tables
from integrations import contacts as synced
from integrations.access import integrations_for
from integrations.models import ContactLink

LINKS_SHOWN: Final = 20
CONTACTS_SHOWN: Final = 20
SYSTEMS: Final = {
    "email_bison": "Email Bison",
    "hubspot": "HubSpot",
    "pipedrive": "Pipedrive",
    "zoho": "Zoho",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known: its name, its value, and the service that it came from."""

    name: Text
    value: Any
    origin: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something belongs to this person, and since when."""

    icon: str
    text: Text
    at: datetime | None = None
    by: str = ""
    undo: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do with this person."""

    change: bool
    status: bool
    merge: bool
    book: bool

    @classmethod
    def of(cls, user: User, person: Prospect) -> "May":
        model, organization_id = type(person), person.organization_id
        changes = access.may(user, "change", model, organization_id)
        return cls(
            changes,
            model is Lead and access.may(user, "status", model, organization_id),
            changes and access.may(user, "delete", model, organization_id),
            model is Lead and access.may(user, "add", Appointment, organization_id),
        )


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody who may be the same person."""

    name: str
    email: str
    reasons: list[Text] = field(default_factory=list)
    href: str = ""


def find_lead(user: User, lead_id: UUID) -> Lead | None:
    """Return a lead that this person may see, with what their file shows."""
    rows = access.leads_for(user).select_related("organization", "team", "qualified_by__user")
    return rows.filter(pk=lead_id).first()


def find_contact(user: User, contact_id: UUID) -> Contact | None:
    """Return a contact that this person may see."""
    return (
        access.contacts_for(user)
        .select_related("organization", "lead")
        .filter(pk=contact_id)
        .first()
    )


def of_lead(user: User, shell: Shell, lead: Lead, before: str) -> dict[str, Any]:
    """Return what the file of a lead shows."""
    may = May.of(user, lead)
    behind = list(
        access.contacts_for(user, lead.organization_id).filter(lead_id=lead.pk)[:CONTACTS_SHOWN]
    )
    links = _links(user, lead, behind)
    return {
        "person": lead,
        "may": may,
        "facts": _facts(lead, links),
        "ids": ids_of(lead),
        "links": links,
        "behind": behind,
        "reasons": _reasons(lead, behind, links, may),
        "twins": twins(user, lead) if may.merge else [],
        "brief": parts(brief.of(user, lead)),
        "with_organization": shell.scope is None,
        **story.page(user, lead, before),
    }


def of_contact(user: User, shell: Shell, contact: Contact) -> dict[str, Any]:
    """Return what the page of a contact without a lead shows."""
    may = May.of(user, contact)
    links = _links(user, contact, [])
    return {
        "person": contact,
        "may": may,
        "facts": _facts(contact, links),
        "ids": ids_of(contact),
        "links": links,
        "reasons": _reasons(contact, [], links, may),
        "twins": twins(user, contact) if may.merge else [],
        "with_organization": shell.scope is None,
    }


def parts(found: brief.Brief) -> dict[str, Any]:
    """Return a brief as it is shown."""
    shown = {
        name: story.line(entry)
        for name in ("next_meeting", "last_call", "last_reply")
        if (entry := getattr(found, name)) is not None
    }
    return {**shown, "changes": story.lines(found.changes), "made_at": found.made_at}


def twins(user: User, person: Lead | Contact) -> list[Twin]:
    """Return who may be the same person, of those whom the reader sees."""
    found: Any
    if isinstance(person, Lead):
        found, address = duplicates.of(person, access.leads_for(user)), "dashboard:merge_leads"
    else:
        found, address = (
            duplicates.of(person, access.contacts_for(user)),
            "dashboard:merge_contacts",
        )
    return [
        Twin(
            each.person.name,
            each.person.email,
            [labels.REASONS[reason] for reason in each.reasons],
            reverse(address, args=[person.pk, each.person.pk]),
        )
        for each in found
    ]


def ids_of(person: Prospect) -> list[tuple[str, str]]:
    """Return a person's ids in other systems, by the names that these have."""
    return [
        (SYSTEMS.get(name, name), identifier)
        for name, identifier in sorted(person.external_ids.items())
    ]


def _facts(person: Lead | Contact, links: list[ContactLink]) -> list[Fact]:
    visible = {link.integration_id for link in links}
    origins = {}
    if links:
        origins = synced.origins(person)
    found = []
    for name in ("email", "phone", "company"):
        value = getattr(person, name)
        origin = origins.get(name)
        service, at = "", None
        if origin is not None and origin.integration is not None:
            at = origin.at
            service = _("a connected service")
            if origin.integration.pk in visible:
                service = origin.integration.name
        found.append(Fact(labels.FIELDS[name], value, service, at))
    if isinstance(person, Lead):
        found += [
            Fact(labels.FIELDS["source"], tables.source(person.source)),
            Fact(labels.FIELDS["team"], person.team.name if person.team else ""),
            Fact(labels.FIELDS["qualified_by"], tables.member(person.qualified_by)),
        ]
    return found


def _links(user: User, person: Lead | Contact, behind: Iterable[Contact]) -> list[ContactLink]:
    """Return the records at services that are this person, of the services that the reader sees."""
    which = {str(person._meta.model_name): person.pk}
    rows = ContactLink.objects.filter(**which)
    if behind:
        rows |= ContactLink.objects.filter(contact_id__in=[contact.pk for contact in behind])
    rows = rows.filter(state=ContactLink.State.LINKED).select_related("integration").order_by("pk")
    found = list(rows[:LINKS_SHOWN])
    if not found:
        return []
    seen = set(integrations_for(user, person.organization_id).values_list("pk", flat=True))
    return [link for link in found if link.integration_id in seen]


def _reasons(
    person: Lead | Contact, behind: Iterable[Contact], links: Iterable[ContactLink], may: May
) -> list[Reason]:
    """Say why what stands in a file is one person's."""
    merges = timeline.merges_of(person)
    former: Iterable[str] = ()
    if merges:
        which = {f"{person._meta.model_name}_id": person.pk}
        former = (
            FormerAddress.objects.filter(**which).order_by("email").values_list("email", flat=True)
        )
    found = [_of_merge(person, row, may) for row in merges]
    found += [
        Reason("reply", _("Mail under %(email)s is theirs too") % {"email": email})
        for email in former
    ]
    for contact in behind:
        words = _("%(name)s is their contact") % {"name": contact.name}
        if contact.email_normalized and contact.email_normalized == person.email_normalized:
            words = _("%(name)s is their contact: the same e-mail") % {"name": contact.name}
        found.append(Reason("user-round", words, contact.created_at))
    for link in links:
        facts = {"service": link.integration.name, "id": link.vendor_id}
        found.append(Reason("link", _("%(service)s has them as %(id)s") % facts))
    return found


def _of_merge(person: Lead | Contact, row: Merge, may: May) -> Reason:
    by = ""
    if row.merged_by:
        by = row.merged_by.get_full_name() or row.merged_by.get_username()
    undo = ""
    if may.merge:
        undo = reverse(f"dashboard:undo_{person._meta.model_name}_merge", args=[person.pk, row.pk])
    name = row.other.get("name", "")
    return Reason("users", _("Merged with %(name)s") % {"name": name}, row.merged_at, by, undo)
