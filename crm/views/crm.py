"""`/api/crm/…`: reps, teams, leads, contacts and appointments."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request

from core.api.fields import Id, Moment
from core.api.views import person
from crm import finders, joining, services
from crm.models import Appointment, Contact, Lead, Organization, SalesRep, Team
from crm.serializers.records import (
    AppointmentSerializer,
    ContactSerializer,
    LeadSerializer,
    RepSerializer,
    TeamSerializer,
)
from crm.views.records import Kind, Many, One, Values, described

OF_ORGANIZATION: Any = ("organization_id", Id())


def _drop(service: Any, name: str) -> Any:
    return lambda _request, row: service(**{name: row})


def _make_rep(request: Request, organization: Organization, values: Values) -> SalesRep:
    archived = values.pop("archived_at", None)
    rep = services.create_rep(
        organization=organization, actor=person(request), request=request, **values
    )
    if archived:
        return _archive_rep(request, rep)
    return rep


def _archive_rep(request: Request, rep: SalesRep) -> SalesRep:
    return services.archive_rep(rep=rep, actor=person(request), request=request)


def _drop_rep(request: Request, rep: SalesRep) -> None:
    _archive_rep(request, rep)


def _change_rep(request: Request, rep: SalesRep, values: Values) -> SalesRep:
    """Change a rep: `archivedAt: null` brings them back; any time archives them, now."""
    if "archived_at" in values:
        rep = _archived_or_not(request, rep, values.pop("archived_at"))
    if not values:
        return rep
    return services.update_rep(rep=rep, actor=person(request), request=request, **values)


def _archived_or_not(request: Request, rep: SalesRep, archived_at: Any) -> SalesRep:
    if archived_at:
        return _archive_rep(request, rep)
    return services.restore_rep(rep=rep, actor=person(request), request=request)


def _make_team(request: Request, organization: Organization, values: Values) -> Team:
    return services.create_team(
        organization=organization, actor=person(request), request=request, **values
    )


def _change_team(request: Request, team: Team, values: Values) -> Team:
    return services.update_team(team=team, actor=person(request), request=request, **values)


def _make_lead(request: Request, organization: Organization, values: Values) -> Lead:
    """Create a lead for who found them.

    A setter's own leads are theirs, those of a manager of one team are that team's.
    """
    whole: Any = {**finders.defaults(person(request), organization), **values}
    return services.create_lead(organization=organization, **whole)


def _times(values: Values) -> Values:
    """Rename the times: the services speak of `starts`, which may be a time on the wall; the API of
    an instant.
    """
    names = {"starts_at": "starts", "ends_at": "ends"}
    return {names.get(name, name): value for name, value in values.items()}


def _book(request: Request, organization: Organization, values: Values) -> Appointment:
    values.setdefault("time_zone", services.settings_of(organization).time_zone)
    by = services.By(person(request), request)
    return services.book_appointment(organization=organization, by=by, **_times(values))


def _change_meeting(request: Request, row: Appointment, values: Values) -> Appointment:
    by = services.By(person(request), request)
    return services.update_appointment(appointment=row, by=by, **_times(values))


def _with_managers(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.prefetch_related("manager_rows")


def _with_addresses(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.prefetch_related("addresses")


def _as_they_are(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


def _joinable(request: Request, rows: list[Appointment]) -> Values:
    return {"joinable": joining.joinable(request.user, rows, timezone.now())}


REPS = Kind(
    model=SalesRep,
    body=RepSerializer,
    rows=_with_addresses,
    make=_make_rep,
    change=_change_rep,
    drop=_drop_rep,
)
TEAMS = Kind(
    model=Team,
    body=TeamSerializer,
    rows=_with_managers,
    make=_make_team,
    change=_change_team,
    drop=lambda request, team: services.delete_team(
        team=team, actor=person(request), request=request
    ),
)
LEADS = Kind(
    model=Lead,
    body=LeadSerializer,
    rows=_as_they_are,
    make=_make_lead,
    change=lambda request, lead, values: services.update_lead(
        lead=lead, actor=person(request), request=request, **values
    ),
    drop=_drop(services.delete_lead, "lead"),
)
CONTACTS = Kind(
    model=Contact,
    body=ContactSerializer,
    rows=_as_they_are,
    make=lambda _request, organization, values: services.create_contact(
        organization=organization, **values
    ),
    change=lambda request, contact, values: services.update_contact(
        contact=contact, actor=person(request), request=request, **values
    ),
    drop=_drop(services.delete_contact, "contact"),
)
APPOINTMENTS = Kind(
    model=Appointment,
    body=AppointmentSerializer,
    rows=_as_they_are,
    make=_book,
    change=_change_meeting,
    drop=_drop(services.delete_appointment, "appointment"),
    beside=_joinable,
)


class RepListView(Many):
    kind = REPS
    queryset = SalesRep.objects.none()
    ordering_by: ClassVar = {
        "name": "name",
        "email": "email",
        "callCount": "call_count",
        "lastCallAt": "last_call_at",
        "createdAt": "created_at",
    }
    search_in: ClassVar = ["name", "email"]
    filter_by: ClassVar = {
        "organizationId": OF_ORGANIZATION,
        "teamId": ("team_id", Id()),
        "memberId": ("member_id", Id()),
        "email": ("email__iexact", None),
        "archived": ("archived_at__isnull", {"true": False, "false": True}),
    }


class RepView(One):
    kind = REPS


class TeamListView(Many):
    kind = TEAMS
    queryset = Team.objects.none()
    ordering_by: ClassVar = {"name": "name", "createdAt": "created_at"}
    search_in: ClassVar = ["name"]
    filter_by: ClassVar = {"organizationId": OF_ORGANIZATION}


class TeamView(One):
    kind = TEAMS


class LeadListView(Many):
    kind = LEADS
    queryset = Lead.objects.none()
    ordering_by: ClassVar = {"createdAt": "created_at", "updatedAt": "updated_at", "name": "name"}
    search_in: ClassVar = ["name", "email", "phone", "company"]
    filter_by: ClassVar = {
        "organizationId": OF_ORGANIZATION,
        "status": ("status", list(Lead.Status.values)),
        "source": ("source", None),
        "email": ("email__iexact", None),
        "qualifiedById": ("qualified_by_id", Id()),
        "teamId": ("team_id", Id()),
    }


class LeadView(One):
    kind = LEADS


class ContactListView(Many):
    kind = CONTACTS
    queryset = Contact.objects.none()
    ordering_by: ClassVar = {"name": "name", "createdAt": "created_at", "updatedAt": "updated_at"}
    search_in: ClassVar = ["name", "email", "phone", "company"]
    filter_by: ClassVar = {
        "organizationId": OF_ORGANIZATION,
        "leadId": ("lead_id", Id()),
        "email": ("email__iexact", None),
    }


class ContactView(One):
    kind = CONTACTS


class AppointmentListView(Many):
    kind = APPOINTMENTS
    queryset = Appointment.objects.none()
    ordering_by: ClassVar = {
        "startsAt": "starts_at",
        "endsAt": "ends_at",
        "createdAt": "created_at",
    }
    search_in: ClassVar = ["title", "lead__name", "lead__company"]
    filter_by: ClassVar = {
        "organizationId": OF_ORGANIZATION,
        "leadId": ("lead_id", Id()),
        "closerId": ("closer_id", Id()),
        "setterId": ("setter_id", Id()),
        "teamId": ("team_id", Id()),
        "status": ("status", list(Appointment.Status.values)),
        "from": ("ends_at__gt", Moment()),
        "to": ("starts_at__lt", Moment()),
    }


class AppointmentView(One):
    kind = APPOINTMENTS


described(RepListView, RepView, "Rep", "Reps", "Archives the rep: what there is of them stays.")
described(
    TeamListView,
    TeamView,
    "Team",
    "Teams",
    "Its reps, leads and appointments stay, without a team.",
)
described(LeadListView, LeadView, "Lead", "Leads", "409 while there are appointments with them.")
described(ContactListView, ContactView, "Contact", "Contacts", "Deletes the contact.")
described(
    AppointmentListView,
    AppointmentView,
    "Appointment",
    "Appointments",
    "409 once there is a call of it: change status to cancel it instead.",
)
