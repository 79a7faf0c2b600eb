"""Leads and contacts."""

from typing import Any, TypedDict, TypeVar, Unpack

from core import audit, happenings
from crm import addresses
from crm.models import Contact, Lead, Member, Organization, Team
from crm.models.prospects import Prospect
from crm.privacy import returning
from crm.refusals import STILL_USED, StillUsed, writing
from crm.services.writing import apply, same_organization

Kind = TypeVar("Kind", bound=Prospect)


class ProspectValues(TypedDict, total=False):
    name: str
    email: str
    phone: str
    company: str
    external_ids: dict[str, str]


class LeadValues(ProspectValues, total=False):
    status: str
    source: str
    qualified_by: Member | None
    team: Team | None


class ContactValues(ProspectValues, total=False):
    lead: Lead | None


def create_lead(*, organization: Organization, **values: Unpack[LeadValues]) -> Lead:
    with writing():
        same_organization(
            organization, qualified_by=values.get("qualified_by"), team=values.get("team")
        )
        return _created(Lead(organization=organization), dict(values))


def update_lead(
    *, lead: Lead, actor: Any = None, request: Any = None, **values: Unpack[LeadValues]
) -> Lead:
    """Change a lead; what a person did so (`actor`) is recorded."""
    with writing():
        lead = (
            Lead.objects.select_for_update(of=("self",))
            .select_related("organization")
            .get(pk=lead.pk)
        )
        same_organization(
            lead.organization, qualified_by=values.get("qualified_by"), team=values.get("team")
        )
        return _changed(lead, dict(values), actor, request)


def delete_lead(*, lead: Lead) -> None:
    """Delete a lead; raise StillUsed while there are appointments with them."""
    with writing():
        if lead.appointments.exists():
            raise StillUsed(STILL_USED, code="conflict")
        happenings.tell("lead.deleted", [lead])
        lead.delete()


def create_contact(*, organization: Organization, **values: Unpack[ContactValues]) -> Contact:
    with writing():
        same_organization(organization, lead=values.get("lead"))
        return _created(Contact(organization=organization), dict(values))


def update_contact(
    *, contact: Contact, actor: Any = None, request: Any = None, **values: Unpack[ContactValues]
) -> Contact:
    """Change a contact; what a person did so (`actor`) is recorded."""
    with writing():
        locked = Contact.objects.select_for_update(of=("self",)).select_related("organization")
        contact = locked.get(pk=contact.pk)
        same_organization(contact.organization, lead=values.get("lead"))
        return _changed(contact, dict(values), actor, request)


def delete_contact(*, contact: Contact) -> None:
    with writing():
        happenings.tell("contact.deleted", [contact])
        contact.delete()


def _created(row: Kind, values: dict[str, Any]) -> Kind:
    apply(row, values)
    row.email_normalized = one_spelling(row.email)
    row.save(force_insert=True)
    returning.lift(row.organization_id, row.email_normalized, row)
    happenings.tell(f"{row._meta.model_name}.created", [row])
    return row


def _changed(row: Kind, values: dict[str, Any], actor: Any, request: Any) -> Kind:
    status = getattr(row, "status", "")
    changed = apply(row, values)
    if changed:
        row.email_normalized = one_spelling(row.email)
        row.save(update_fields=[*changed, "email_normalized", "updated_at"])
        if "email" in changed:
            returning.lift(row.organization_id, row.email_normalized, row, actor, request)
        happenings.tell(f"{row._meta.model_name}.updated", [row], changed=changed)
    if "status" in changed:
        happenings.tell(f"{row._meta.model_name}.status_changed", [row], before=status)
    if changed and actor is not None:
        organization_id = row.organization_id
        audit.record(
            "person.changed",
            actor=actor,
            target=row,
            request=request,
            organization_id=organization_id,
            changed=changed,
        )
    return row


def one_spelling(email: str) -> str:
    if not email:
        return ""
    return addresses.normalize(email)
