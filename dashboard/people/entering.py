"""A lead or a contact that somebody adds or changes: read from a form, and given to the services
that the API calls.
"""

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import access, finders, services
from crm.models import Contact, Lead, Member, Organization, Team
from crm.views.records import OUT_OF_SIGHT
from dashboard.people.forms import BulkForm, ContactForm, LeadForm, PersonForm

# An id that nobody has.
NOBODY: Final = UUID(int=0)
GONE = _("Some of them were deleted meanwhile, or are not yours. Nothing was changed.")


def lead_form(
    user: User, organization: Organization, data: QueryDict | None, lead: Lead | None = None
) -> LeadForm:
    """Return the form of a lead; of a new one with whose it would be."""
    status_alone = lead is not None and not access.may(user, "change", Lead, organization.pk)
    initial: dict[str, Any] = {"status": Lead.Status.NEW, **finders.defaults(user, organization)}
    if lead is not None:
        initial = {name: getattr(lead, name) for name in LeadForm.base_fields}
    teams: Any = access.teams_for(user, organization.pk).order_by("name")
    members: Any = (
        access.members_for(user, organization.pk)
        .select_related("user")
        .order_by("user__first_name", "pk")
    )
    if lead is not None:
        # Who is chosen now can stay so, whoever sees them.
        teams = teams | Team.objects.filter(pk=lead.team_id or NOBODY)
        members = members | Member.objects.filter(pk=lead.qualified_by_id or NOBODY).select_related(
            "user"
        )
    return LeadForm(data, teams=teams, members=members, status_alone=status_alone, initial=initial)


def contact_form(data: QueryDict | None, contact: Contact | None = None) -> ContactForm:
    """Return the form of a contact."""
    initial = {}
    if contact is not None:
        initial = {name: getattr(contact, name) for name in ContactForm.base_fields}
    return ContactForm(data, initial=initial)


def save_lead(
    request: HttpRequest,
    user: User,
    form: LeadForm,
    organization: Organization,
    lead: Lead | None = None,
) -> Lead | None:
    """Store what was entered of a lead; else the reasons are on the form."""

    def store() -> Any:
        if lead is None:
            own = finders.defaults(user, organization)
            values = {name: value or own.get(name, value) for name, value in form.values().items()}
            return services.create_lead(organization=organization, **values)
        return services.update_lead(lead=lead, actor=user, request=request, **form.values())

    return _stored(user, form, store)


def save_contact(
    request: HttpRequest,
    user: User,
    form: ContactForm,
    organization: Organization,
    contact: Contact | None = None,
    lead: Lead | None = None,
) -> Contact | None:
    """Store what was entered of a contact; a new one may be behind a lead."""

    def store() -> Any:
        if contact is None:
            return services.create_contact(organization=organization, lead=lead, **form.values())
        return services.update_contact(
            contact=contact, actor=user, request=request, **form.values()
        )

    return _stored(user, form, store)


def change_many(request: HttpRequest, user: User, keys: list[str], form: BulkForm) -> int:
    """Set the status or the team of these leads, all of them or none; return of how many."""
    values = {name: value for name, value in form.cleaned_data.items() if value}
    act = "status" if values.keys() <= {"status"} else "change"
    with transaction.atomic():
        rows = list(access.leads_for(user).filter(pk__in=keys))
        allowed = {
            key for key in {row.organization_id for row in rows} if access.may(user, act, Lead, key)
        }
        if len(rows) != len(set(keys)) or any(row.organization_id not in allowed for row in rows):
            raise ValidationError(GONE, code="gone")
        for row in sorted(rows, key=lambda row: row.pk):
            services.update_lead(lead=row, actor=user, request=request, **values)
        if access.leads_for(user).filter(pk__in=keys).count() != len(rows):
            raise ValidationError(OUT_OF_SIGHT, code="invalid")
    return len(rows)


def _stored(user: User, form: PersonForm, store: Any) -> Any:
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            row = store()
            if not access.visible(type(row), user).filter(pk=row.pk).exists():
                raise ValidationError(OUT_OF_SIGHT, code="invalid")
    except ValidationError as error:
        form.refuse(error)
        return None
    return row
