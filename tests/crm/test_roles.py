"""Role × appointment × organization: who sees which appointment, lead, contact, rep and team;
generated, and exact.

The expectation is written here a second time, in the words of the table, and without a query.
"""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from core.signin import roles
from crm import access, services
from crm.models import Appointment, Contact, Lead, Member, Organization, SalesRep, Team
from tests.support.people import assert_error, client_of, member, organization, staff

pytestmark = pytest.mark.django_db
ROLES = list(Member.Role.values)
ORGANIZATIONS = ("Northwind", "Contoso")


class Cast:
    """Two organizations; in each two people of every role, two teams with one manager each,
    and every combination of closer, qualifying setter and team among the appointments."""

    def __init__(self) -> None:
        self.people: dict[tuple[str, str, int], Any] = {}
        self.appointments: list[tuple[Appointment, str, int | None, int | None, int | None]] = []
        for name in ORGANIZATIONS:
            self._fill(name, organization(name))

    def _fill(self, name: str, of: Organization) -> None:
        for role, number in itertools.product(ROLES, (1, 2)):
            user = member(role, of, f"{name}-{role}-{number}".lower())
            self.people[name, role, number] = Member.objects.get(user=user)
        teams = [
            services.create_team(
                organization=of, name=f"{name} {n}", managers=[self.people[name, "MANAGER", n]]
            )
            for n in (1, 2)
        ]
        for closer, setter, team in itertools.product((None, 1, 2), repeat=3):
            lead = services.create_lead(
                organization=of,
                name="Lead",
                qualified_by=self.people[name, "SETTER", setter] if setter else None,
            )
            services.create_contact(organization=of, name="Contact", lead=lead)
            appointment = services.book_appointment(
                organization=of,
                lead=lead,
                closer=self.people[name, "CLOSER", closer] if closer else None,
                # Who booked is not who qualified: the table speaks of the latter.
                setter=self.people[name, "SETTER", 1],
                team=teams[team - 1] if team else None,
                starts=_moment(9),
                ends=_moment(10),
                time_zone="Europe/Amsterdam",
            )
            self.appointments.append((appointment, name, closer, setter, team))

    def seen_by(self, name: str, role: str, number: int) -> set[Any]:
        """The table of the product, word for word."""
        return {
            appointment.pk
            for appointment, of, closer, setter, team in self.appointments
            if role == "ADMIN"
            or (
                of == name
                and (
                    role == "CEO"
                    or (role == "MANAGER" and team == number)
                    or (role == "CLOSER" and closer == number)
                    or (role == "SETTER" and setter == number)
                )
            )
        }


def _moment(hour: int) -> Any:
    return datetime(2026, 12, 1, hour, tzinfo=UTC)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def test_every_role_sees_exactly_the_appointments_of_the_table(cast):
    assert len(cast.appointments) == 54
    for (name, role, number), person in cast.people.items():
        expected = cast.seen_by(name, role, number)
        assert set(access.appointments_for(person.user).values_list("pk", flat=True)) == expected, (
            name,
            role,
            number,
        )
    assert {len(cast.seen_by("Northwind", role, 1)) for role in ROLES} == {27, 9, 54}


def test_the_api_lists_and_opens_exactly_those_and_answers_404_for_all_others(cast):
    for (name, role, number), person in cast.people.items():
        if (name, number) != ("Northwind", 1):
            continue
        client, expected = client_of(person.user), cast.seen_by(name, role, number)
        listed = client.get("/api/crm/appointments?pageSize=200").json()["results"]
        assert {row["id"] for row in listed} == {str(pk) for pk in expected}
        for appointment, *_rest in cast.appointments:
            for method in ("GET", "PATCH", "DELETE"):
                if appointment.pk not in expected:
                    path = f"/api/crm/appointments/{appointment.pk}"
                    assert_error(
                        client.generic(method, path, b"{}", content_type="application/json"),
                        404,
                        "not_found",
                    )
    assert Appointment.objects.count() == 54


def test_leads_and_contacts_follow_the_appointments_and_whoever_qualified_them(cast):
    for (name, role, number), person in cast.people.items():
        seen = Appointment.objects.filter(pk__in=cast.seen_by(name, role, number))
        expected = set(seen.values_list("lead_id", flat=True))
        assert set(access.leads_for(person.user).values_list("pk", flat=True)) == expected, (
            name,
            role,
        )
        assert (
            set(access.contacts_for(person.user).values_list("lead_id", flat=True)) == expected
        ), (name, role)


def test_a_manager_also_sees_the_leads_of_their_team_and_a_ceo_those_of_nobody(cast):
    manager, ceo = cast.people["Northwind", "MANAGER", 1], cast.people["Northwind", "CEO", 1]
    team = Team.objects.get(manager_rows__member=manager)
    theirs = services.create_lead(organization=team.organization, name="New", team=team)
    loose = services.create_contact(organization=team.organization, name="Loose")
    assert theirs in access.leads_for(manager.user)
    assert theirs not in access.leads_for(cast.people["Northwind", "MANAGER", 2].user)
    assert loose in access.contacts_for(ceo.user)
    assert loose not in access.contacts_for(manager.user)


def test_reps_teams_and_colleagues(cast):
    people = {role: cast.people["Northwind", role, 1] for role in ROLES}
    northwind = people["CEO"].organization
    team = Team.objects.get(manager_rows__member=people["MANAGER"])
    own = services.create_rep(
        organization=northwind,
        name="Own",
        email="own@example.com",
        team=team,
        member=people["CLOSER"],
    )
    other = services.create_rep(organization=northwind, name="Other", email="other@example.com")
    assert set(access.reps_for(people["CEO"].user)) == {own, other}
    assert (
        set(access.reps_for(people["MANAGER"].user))
        == set(access.reps_for(people["CLOSER"].user))
        == {own}
    )
    assert set(access.reps_for(people["SETTER"].user)) == set()
    assert (
        set(access.teams_for(people["MANAGER"].user))
        == set(access.teams_for(people["CLOSER"].user))
        == {team}
    )
    assert set(access.teams_for(people["SETTER"].user)) == set()
    assert access.teams_for(people["CEO"].user).count() == 2
    for role in ("CEO", "MANAGER", "CLOSER", "SETTER"):
        assert {row.organization_id for row in access.members_for(people[role].user)} == {
            northwind.pk
        }
    assert access.members_for(people["ADMIN"].user).count() == 20


def test_a_manager_who_became_a_closer_sees_no_team_any_more(cast):
    manager = cast.people["Northwind", "MANAGER", 1]
    services.change_role(member=manager, role="CLOSER")
    assert access.appointments_for(manager.user).count() == 0
    services.change_role(member=manager, role="MANAGER")
    assert access.appointments_for(manager.user).count() == 0


def test_a_person_of_two_organizations_has_the_role_of_each(cast):
    closer = cast.people["Northwind", "CLOSER", 1]
    contoso = cast.people["Contoso", "CEO", 1].organization
    Member.objects.create(organization=contoso, user=closer.user, role="CEO")
    in_contoso = {row.pk for row, of, *_rest in cast.appointments if of == "Contoso"}
    assert set(
        access.appointments_for(closer.user).values_list("pk", flat=True)
    ) == in_contoso | cast.seen_by("Northwind", "CLOSER", 1)
    assert (
        set(access.appointments_for(closer.user, contoso.pk).values_list("pk", flat=True))
        == in_contoso
    )
    assert access.teams_for(closer.user).count() == 2


def test_staff_see_all_by_permission_strangers_and_closed_accounts_nothing(cast):
    admin = cast.people["Northwind", "ADMIN", 1].user
    for group in roles.ROLES:
        assert access.appointments_for(staff(group)).count() == 54
    assert access.appointments_for(member("CEO", organization("Empty"))).count() == 0
    admin.is_active = False
    admin.save()
    for kind in (Appointment, Lead, Contact, SalesRep, Team, Member, Organization):
        assert access.visible(kind, admin).count() == 0
    bare = member("CLOSER", organization("Bare"))
    bare.is_staff = True
    bare.save()
    assert access.appointments_for(bare).count() == 0, "staff without a permission"


def test_seeing_costs_two_queries_however_much_there_is(cast, django_assert_num_queries):
    for role in ROLES:
        user = cast.people["Northwind", role, 1].user
        with django_assert_num_queries(2):
            list(access.appointments_for(user))


def test_a_list_costs_the_same_for_one_row_and_for_many(cast, django_assert_num_queries):
    client = client_of(cast.people["Northwind", "MANAGER", 1].user)
    costs = {"reps": 4, "teams": 4, "leads": 3, "contacts": 3, "appointments": 3}
    manager = cast.people["Northwind", "MANAGER", 1]
    team = Team.objects.get(manager_rows__member=manager)
    for number in range(5):
        services.create_rep(
            organization=team.organization, name="R", email=f"r{number}@example.com", team=team
        )
    for kind, queries in costs.items():
        for size in (1, 50):
            with django_assert_num_queries(
                queries
            ):  # the token, the memberships, the rows, what belongs to them
                assert client.get(f"/api/crm/{kind}?pageSize={size}").status_code == 200


def test_a_stranger_is_401():
    for kind in ("reps", "teams", "leads", "contacts", "appointments"):
        assert_error(Client().get(f"/api/crm/{kind}"), 401, "not_signed_in")
