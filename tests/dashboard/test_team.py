"""Settings → Team and Settings → Organization: who sees whom, who may do what,
and what attackers get.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.api import throttles
from core.models import AuditEvent, User
from core.signin import roles
from crm import services
from crm.models import Invitation, Member, OrganizationSettings, Team
from dashboard.team.views import INVITES_PER_HOUR
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

TEAM = "/settings/team"


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def text(answer: Any) -> str:
    return answer.content.decode()


def names(answer: Any) -> set[str]:
    return {row.user.username for row in answer.context["members"].rows}


def test_colleagues_see_names_and_roles_and_nothing_more(world: World):
    for role in ("MANAGER", "CLOSER", "SETTER"):
        page = signed_in(world.users[role]).get(TEAM)
        assert names(page) == {"ceo", "manager", "closer", "setter", "admin"}
        assert "Manager" in text(page)
        for secret in (
            "ceo@example.com",
            "guest@example.com",
            "Second factor",
            "Invite a colleague",
        ):
            assert secret not in text(page)


def test_the_ceo_sees_who_manages_who_sells_and_how_they_sign_in(world: World, chief: Client):
    page = text(chief.get(TEAM))
    for words in (
        "closer@example.com",
        "guest@example.com",
        "Second factor",
        "Invite a colleague",
        "Team",
        "Rep",
    ):
        assert words in page


def test_people_are_found_cut_and_sorted(world: World, chief: Client):
    assert names(chief.get(f"{TEAM}?search=CLOSER@")) == {"closer"}
    assert names(chief.get(f"{TEAM}?role=SETTER")) == {"setter"}
    assert names(chief.get(f"{TEAM}?search=nobody")) == set()
    assert names(signed_in(world.users["SETTER"]).get(f"{TEAM}?search=closer@")) == set(), (
        "addresses are not theirs"
    )
    ordered = [row.role for row in chief.get(f"{TEAM}?ordering=-role").context["members"].rows]
    assert ordered == sorted(ordered, reverse=True)
    for query in ("ordering=seen", "ordering=x", "before=50", "after=x", "after=999999", "role=x"):
        assert chief.get(f"{TEAM}?{query}").status_code == 200


def test_many_are_read_by_pages(world: World, chief: Client):
    for number in range(60):
        people.member("CLOSER", world.organization, f"many{number:02}")
    first = chief.get(TEAM)
    assert len(first.context["members"].rows) == 50
    second = chief.get(f"{TEAM}?after=50")
    assert len(second.context["members"].rows) == 15
    assert not names(first) & names(second)


@pytest.mark.parametrize("who", ["CEO", "CLOSER"])
def test_the_page_asks_the_database_as_often_for_many_as_for_few(
    world: World, who: str, django_assert_num_queries: Any
):
    client = signed_in(world.users[who])
    counts = {"CEO": 16, "CLOSER": 14}
    for turn in range(2):
        with django_assert_num_queries(counts[who]):
            client.get(TEAM)
        for number in range(10):
            user = people.member("MANAGER", world.organization, f"{who}-{turn}-{number}")
            member = Member.objects.get(user=user)
            services.create_team(
                organization=world.organization, name=f"{who} {turn} {number}", managers=[member]
            )
            services.invite(
                organization=world.organization, email=f"{who}{number}@north.example", role="CLOSER"
            )


def test_a_colleague_is_invited_in_their_language(
    world: World, chief: Client, mailoutbox: list[Any]
):
    form = {"email": "Nina@Example.com", "role": "SETTER", "language": "nl"}
    assert chief.post(f"{TEAM}/invite", form)["Location"] == TEAM
    invitation = Invitation.objects.get(email="Nina@Example.com")
    assert (invitation.role, invitation.language, invitation.for_any_address) == (
        "SETTER",
        "nl",
        False,
    )
    assert services.send_invitation(invitation.pk)
    assert "Hallo" in mailoutbox[-1].body
    assert "nina@example.com" in text(chief.get(TEAM)).lower()


@pytest.mark.parametrize(
    ("form", "field"),
    [({"email": "nobody"}, "email"), ({"email": ""}, "email"), ({"role": "KING"}, "role"),
     ({"role": "ADMIN"}, "role"),
     ({"language": "xx"}, "language"), ({"email": "closer@example.com"}, "email")],
)  # fmt: skip
def test_what_is_wrong_with_an_invitation_is_said_at_its_field(
    chief: Client, form: dict[str, str], field: str
):
    answer = chief.post(
        f"{TEAM}/invite", {"email": "n@example.com", "role": "CLOSER", "language": "en"} | form
    )
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert Invitation.objects.count() == 1


def test_invitations_are_counted_with_those_of_the_api(world: World, chief: Client):
    for _use in range(INVITES_PER_HOUR):
        throttles.take("invite", f"user:{world.users['CEO'].pk}", INVITES_PER_HOUR, 3600)
    form = {"email": "n@example.com", "role": "CLOSER", "language": "en"}
    assert "Try again in an hour" in text(chief.post(f"{TEAM}/invite", form))
    address = f"{TEAM}/invitations/{world.invitation.pk}"
    assert "Try again in an hour" in text(chief.post(address, {"what": "again"}, follow=True))
    assert not Invitation.objects.filter(email="n@example.com").exists()


def test_an_invitation_is_sent_again_and_its_first_link_opens_nothing(
    world: World, chief: Client, mailoutbox: Any
):
    services.send_invitation(world.invitation.pk)
    first = mailoutbox[-1].body.split("/invitations/key/")[1].split()[0]
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in text(chief.get(TEAM))
    chief.post(f"{TEAM}/invitations/{world.invitation.pk}", {"what": "again"})
    assert services.send_invitation(world.invitation.pk)
    second = mailoutbox[-1].body.split("/invitations/key/")[1].split()[0]
    with pytest.raises(services.InvitationGone):
        services.read_invitation(first)
    assert services.read_invitation(second).pk == world.invitation.pk
    assert AuditEvent.objects.filter(action="invitation.sent_again").count() == 1


def test_an_invitation_is_withdrawn_once(world: World, chief: Client):
    address = f"{TEAM}/invitations/{world.invitation.pk}"
    assert signed_in(world.users["MANAGER"]).post(address, {"what": "withdraw"}).status_code == 404
    assert chief.post(address, {"what": "withdraw"}).status_code == 302
    assert chief.post(address, {"what": "withdraw"}).status_code == 404
    assert AuditEvent.objects.filter(action="invitation.revoked").count() == 1


def test_another_role_is_given_by_the_ceo_alone(world: World, chief: Client):
    member = world.members["SETTER"]
    address = f"{TEAM}/members/{member.pk}"
    for role in ("MANAGER", "CLOSER", "SETTER"):
        assert signed_in(world.users[role]).post(address, {"role": "CEO"}).status_code == 403
    assert chief.post(address, {"role": "CLOSER"})["Location"] == TEAM
    member.refresh_from_db()
    assert member.role == "CLOSER"
    # No crafted form gives or takes the role of the house, and the last CEO stays.
    assert "role" in chief.post(address, {"role": "ADMIN"}).context["form"].errors
    assert (
        chief.post(f"{TEAM}/members/{world.members['ADMIN'].pk}", {"role": "CLOSER"}).status_code
        == 403
    )
    own = f"{TEAM}/members/{world.members['CEO'].pk}"
    assert "at least one CEO" in text(chief.post(own, {"role": "SETTER"}))
    assert set(Member.objects.values_list("user__username", "role")) >= {
        ("ceo", "CEO"),
        ("admin", "ADMIN"),
    }


def test_a_ceo_who_is_none_any_more_has_nobody_invited(world: World, chief: Client):
    """Else they would come back by the link that they sent themselves."""
    second = Member.objects.get(user=people.member("CEO", world.organization, "second"))
    services.invite(
        organization=world.organization, email="back@door.example", role="CEO", actor=second.user
    )
    chief.post(f"{TEAM}/members/{second.pk}", {"role": "CLOSER"})
    assert Invitation.objects.get(email="back@door.example").revoked_at is not None
    assert Invitation.objects.get(email="guest@example.com").revoked_at is None


def test_what_somebody_leaves_is_told_before_and_handed_over(world: World, chief: Client):
    address = f"{TEAM}/members/{world.members['CLOSER'].pk}/leaving"
    past = world.book(timezone.now() - timedelta(days=3), closer=world.members["CLOSER"])
    page = text(chief.get(address))
    assert "1 meeting to come" in page
    assert "The rep Rep" in page
    form = {"successor": str(world.members["MANAGER"].pk), "archives_rep": "on"}
    assert chief.post(address, form)["Location"] == TEAM
    for row in (world.appointment, past, world.rep):
        row.refresh_from_db()
    assert world.appointment.closer == world.members["MANAGER"]
    assert past.closer is None
    assert (world.rep.member, world.rep.archived_at is None) == (None, False)
    assert AuditEvent.objects.filter(action="rep.archived", actor_name="ceo").count() == 1
    setter = f"{TEAM}/members/{world.members['SETTER'].pk}/leaving"
    assert "1 lead that they qualified" in text(chief.get(setter))
    chief.post(setter, {})
    world.lead.refresh_from_db()
    assert world.lead.qualified_by is None


def test_nothing_is_handed_over_to_other_organizations_or_to_oneself(world: World, chief: Client):
    other = World("Contoso", prefix="c-")
    address = f"{TEAM}/members/{world.members['CLOSER'].pk}/leaving"
    for successor in (other.members["CEO"], world.members["CLOSER"], "x"):
        answer = chief.post(address, {"successor": str(getattr(successor, "pk", successor))})
        assert list(answer.context["form"].errors) == ["successor"]
    world.appointment.refresh_from_db()
    assert world.appointment.closer == world.members["CLOSER"]


def test_anybody_leaves_by_themselves_and_a_second_tab_finds_nothing(world: World):
    client = signed_in(world.users["SETTER"])
    address = f"{TEAM}/members/{world.members['SETTER'].pk}/leaving"
    assert "Leave Northwind Sales?" in text(client.get(address))
    assert client.post(address, {})["Location"] == "/"
    assert client.post(address, {}).status_code == 404
    assert client.get(TEAM).status_code == 404
    assert client.get("/").status_code == 200
    other = f"{TEAM}/members/{world.members['CLOSER'].pk}/leaving"
    assert signed_in(world.users["MANAGER"]).post(other, {}).status_code == 403


def test_the_last_ceo_cannot_leave_and_is_told_why(world: World, chief: Client):
    address = f"{TEAM}/members/{world.members['CEO'].pk}/leaving"
    assert "Make somebody else CEO first" in text(chief.get(address))
    chief.post(address, {})
    assert Member.objects.filter(pk=world.members["CEO"].pk).exists()


def test_teams_are_added_renamed_managed_filled_and_deleted(world: World, chief: Client):
    form = {"name": "South", "managers": [str(world.members["MANAGER"].pk)]}
    assert chief.post(f"{TEAM}/teams/new", form)["Location"] == TEAM
    south = Team.objects.get(name="South")
    assert list(south.managers.all()) == [world.members["MANAGER"]]
    address = f"{TEAM}/teams/{south.pk}"
    assert "There is a team of this name" in text(chief.post(address, {"name": "TEAM"}))
    chief.post(address, {"name": "Deep South"})
    chief.post(address, {"rep": str(world.rep.pk)})
    south.refresh_from_db()
    world.rep.refresh_from_db()
    assert (south.name, south.managers.count(), world.rep.team) == ("Deep South", 0, south)
    chief.post(address, {"take_out": str(world.rep.pk)})
    world.rep.refresh_from_db()
    assert world.rep.team is None
    assert "stay, without a team" in text(chief.get(f"{address}/delete"))
    chief.post(f"{address}/delete")
    assert chief.post(f"{address}/delete").status_code == 404
    facts = AuditEvent.objects.filter(action="team.changed", target_id=str(south.pk)).order_by(
        "sequence"
    )
    assert [event.facts["after"] for event in facts] == ["South", "Deep South", None]


def test_no_team_takes_what_is_another_organizations(world: World, chief: Client):
    other = World("Contoso", prefix="c-")
    address = f"{TEAM}/teams/{world.team.pk}"
    answer = chief.post(address, {"name": "Team", "managers": [str(other.members["MANAGER"].pk)]})
    assert list(answer.context["form"].errors) == ["managers"]
    assert "rep" in chief.post(address, {"rep": str(other.rep.pk)}).context["rep_form"].errors
    for key in (str(other.rep.pk), "x", "\x00"):
        assert chief.post(address, {"take_out": key}).status_code in (400, 404)
    other.rep.refresh_from_db()
    assert other.rep.team == other.team


def test_a_manager_reads_their_team_and_changes_nothing(world: World):
    client, address = signed_in(world.users["MANAGER"]), f"{TEAM}/teams/{world.team.pk}"
    assert "Managed by manager." in text(client.get(address))
    for path, form in (
        (address, {"name": "X"}),
        (address, {"rep": "x"}),
        (f"{address}/delete", {}),
    ):
        assert client.post(path, form).status_code == 403
    assert client.post(f"{TEAM}/teams/new", {"name": "X"}).status_code == 403
    assert signed_in(world.users["SETTER"]).get(address).status_code == 404


def test_staff_choose_an_organization_and_need_the_permission(world: World):
    client, which = signed_in(people.staff()), f"?organization={world.organization.pk}"
    assert "Choose an organization" in text(client.get(TEAM))
    assert names(client.get(f"{TEAM}{which}")) >= {"ceo", "closer"}
    form = {"email": "n@example.com", "role": "ADMIN", "language": "en"}
    assert client.post(f"{TEAM}/invite{which}", form)["Location"] == f"{TEAM}{which}"
    assert client.post(f"{TEAM}/invite", form).status_code == 404
    for wrong in ("x", "\x00", str(world.team.pk)):
        assert client.get(TEAM, {"organization": wrong}).status_code in (400, 404)
    viewer = signed_in(people.staff(roles.OPERATIONS_VIEWER, "viewer"))
    assert viewer.get(f"{TEAM}{which}").status_code == 200
    assert viewer.post(f"{TEAM}/invite{which}", form).status_code == 403
    assert (
        viewer.post(f"{TEAM}/members/{world.members['SETTER'].pk}", {"role": "CEO"}).status_code
        == 403
    )
    assert (
        signed_in(people.staff(roles.AUDITOR, "auditor"))
        .post(f"{TEAM}/invite{which}", form)
        .status_code
        == 403
    )


def test_an_organization_says_its_name_zone_and_language(world: World, chief: Client):
    address = "/settings/organization"
    assert "Plan" in text(chief.get(address))
    form = {"name": "North", "time_zone": "Europe/Paris", "language": "fr"}
    assert chief.post(address, form | {"tier": "ENTERPRISE"})["Location"] == address
    world.organization.refresh_from_db()
    chosen = OrganizationSettings.objects.get(organization=world.organization)
    assert (world.organization.name, world.organization.tier) == ("North", "TEAM")
    assert (chosen.time_zone, chosen.language) == ("Europe/Paris", "fr")
    for wrong in ({"name": ""}, {"name": "x" * 201}, {"time_zone": "Mars"}, {"language": "xx"}):
        assert list(chief.post(address, form | wrong).context["form"].errors) == list(wrong)
    for role in ("MANAGER", "CLOSER", "SETTER"):
        assert signed_in(world.users[role]).get(address).status_code == 403


def test_who_leaves_by_themselves_archives_no_rep(world: World):
    closer, member = world.users["CLOSER"], world.members["CLOSER"]
    client = signed_in(closer)
    assert (
        "archives_rep"
        not in client.get(f"{TEAM}/members/{member.pk}/leaving").context["form"].fields
    )
    refused = people.client_of(closer).post(
        f"/api/organization/members/{member.pk}/leaving", {"archiveRep": True}, format="json"
    )
    assert "archiveRep" in people.assert_error(refused, 400)["fields"]
    client.post(f"{TEAM}/members/{member.pk}/leaving", {"archives_rep": "on"})
    world.rep.refresh_from_db()
    assert (world.rep.archived_at, Member.objects.filter(pk=member.pk).exists()) == (None, False)


def test_a_ceo_whose_account_is_closed_keeps_no_organization(world: World, chief: Client):
    people.member("CEO", world.organization, "gone")
    User.objects.filter(username="gone").update(is_active=False)
    page = chief.post(f"{TEAM}/members/{world.members['CEO'].pk}", {"role": "CLOSER"})
    assert "keeps at least one CEO" in text(page)
    page = chief.get(f"{TEAM}/members/{world.members['CEO'].pk}/leaving")
    assert page.context["is_last_ceo"]
