"""One's organization over the API, its people, and switching between several."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from core import audit
from core.models import AuditEvent, SystemSetting
from core.signin import roles
from crm import services
from crm.models import Member, Organization, OrganizationSettings, SalesRep
from tests.support.locks import wait_until_held
from tests.support.people import assert_error, client_of, member, organization, person, staff
from tests.support.world import ROLES, World

pytestmark = pytest.mark.django_db
PATH = "/api/organization"


def test_everybody_reads_their_own_and_only_owners_change_it():
    world = World()
    for role in ROLES:
        client = client_of(world.users[role])
        assert client.get(PATH).json() == {
            "id": str(world.organization.pk),
            "name": "Northwind Sales",
            "tier": "TEAM",
            "settings": {
                "callRecordingEnabled": True,
                "retentionDays": 90,
                "timeZone": "Europe/Amsterdam",
                "language": "en",
            },
        }
        if role not in ("CEO", "ADMIN"):
            for answer in (client.patch(PATH, {"name": "X"}), client.get(f"{PATH}/members")):
                assert_error(answer, 403, "not_permitted")
    world.organization.refresh_from_db()
    assert world.organization.name == "Northwind Sales"


def test_each_change_is_audited_with_what_it_was():
    world = World()
    client = client_of(world.users["CEO"])
    body = {"name": "North", "settings": {"retentionDays": 30, "callRecordingEnabled": False}}
    assert client.patch(PATH, body).json()["settings"]["retentionDays"] == 30
    events = AuditEvent.objects.filter(
        action="setting.changed", organization_id=world.organization.pk
    )
    facts = [event.facts for event in events.order_by("sequence")]
    assert facts[0] == {"field": "name", "before": "Northwind Sales", "after": "North"}
    assert facts[1]["values"]["retention_days"] == {"before": 90, "after": 30}
    assert client.patch(PATH, body).status_code == 200
    assert events.count() == 2, "what stays as it is is no change"


def test_the_tier_is_the_houses():
    world = World()
    assert_error(
        client_of(world.users["CEO"]).patch(PATH, {"tier": "ENTERPRISE", "name": "X"}),
        403,
        "not_permitted",
    )
    world.organization.refresh_from_db()
    assert (world.organization.tier, world.organization.name) == ("TEAM", "Northwind Sales")
    operations = client_of(staff(roles.OPERATIONS_ADMIN))
    answer = operations.patch(f"{PATH}?organization={world.organization.pk}", {"tier": "PRO_PLUS"})
    assert answer.json()["tier"] == "PRO_PLUS"
    event = AuditEvent.objects.get(action="tier.changed")
    assert (event.facts["before"], event.facts["after"]) == ("TEAM", "PRO_PLUS")
    viewer = client_of(staff(roles.OPERATIONS_VIEWER))
    assert_error(
        viewer.patch(f"{PATH}?organization={world.organization.pk}", {"tier": "FREE"}), 403
    )


@pytest.mark.parametrize(
    "wrong",
    [{"settings": {"retentionDays": 0}}, {"settings": {"retentionDays": "7"}},
     {"settings": {"timeZone": "Mars"}},
     {"settings": {"language": "xx"}}, {"settings": {"callRecordingEnabled": "no"}},
     {"tier": "GOLD"}, {"name": ""}],
)  # fmt: skip
def test_a_wrong_value_changes_nothing(wrong):
    world = World()
    assert_error(client_of(world.users["CEO"]).patch(PATH, wrong), 400, "invalid")
    assert not OrganizationSettings.objects.exists()
    assert not AuditEvent.objects.filter(action__in=["setting.changed", "tier.changed"]).exists()


def test_people_are_listed_changed_and_removed_and_a_ceo_stays():
    world = World()
    client = client_of(world.users["CEO"])
    assert [row["username"] for row in client.get(f"{PATH}/members").json()["results"]] == sorted(
        role.lower() for role in ROLES
    )
    closer, ceo = (
        f"{PATH}/members/{world.members['CLOSER'].pk}",
        f"{PATH}/members/{world.members['CEO'].pk}",
    )
    assert client.patch(closer, {"role": "MANAGER"}).json()["role"] == "MANAGER"
    assert AuditEvent.objects.filter(action="role.changed", facts__after="MANAGER").exists()
    for answer in (client.patch(ceo, {"role": "CLOSER"}), client.delete(ceo)):
        assert "at least one CEO" in str(assert_error(answer, 400)["fields"])
    assert client.delete(closer).status_code == 204
    world.rep.refresh_from_db()
    world.appointment.refresh_from_db()
    assert (world.rep.member, world.appointment.closer) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_of_two_ceos_who_leave_at_once_one_stays():
    of = organization()
    for name in ("one", "two"):
        member("CEO", of, name)
    gate, outcomes = threading.Barrier(2), []

    def leave(row):
        gate.wait()
        try:
            services.remove_member(member=row)
            outcomes.append("left")
        except ValidationError:
            outcomes.append("stays")
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(row,)) for row in Member.objects.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "stays"]
    assert Member.objects.count() == 1


def two_organizations(client):
    user = person("ada")
    first, second = organization("Alpha"), organization("Beta")
    for of, role in ((first, "CEO"), (second, "CLOSER")):
        Member.objects.create(organization=of, user=user, role=role)
    client.force_login(user, backend="core.signin.Backend")
    return user, first, second


def test_a_person_of_two_switches_and_pages_and_api_follow(client):
    _user, first, second = two_organizations(client)
    assert client.get(PATH).status_code == 400
    page = client.get("/").content.decode()
    assert 'id="organization-menu"' in page
    answer = client.post(
        "/preferences/organization", {"organization": str(second.pk), "next": "/runs"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/runs")
    assert client.get("/").context["shell"].organization == "Beta"
    assert client.get(PATH).json()["name"] == "Beta"
    assert client.get(f"{PATH}?organization={first.pk}").json()["name"] == "Alpha"


def test_nobody_switches_to_what_is_not_theirs_and_a_lost_one_is_forgotten(client):
    user, _first, second = two_organizations(client)
    strange = organization("Strange")
    for wrong in (str(strange.pk), "x", "", "\x00"):
        assert client.post("/preferences/organization", {"organization": wrong}).status_code in (
            400,
            404,
        )
    assert client.get("/").context["shell"].organization == "Alpha"
    client.post("/preferences/organization", {"organization": str(second.pk)})
    Member.objects.filter(user=user, organization=second).delete()
    assert client.get("/").context["shell"].organization == "Alpha"
    assert client.get(PATH).json()["name"] == "Alpha"


def test_a_person_of_one_has_no_switch(client):
    client.force_login(member("CEO", organization()), backend="core.signin.Backend")
    assert 'id="organization-menu"' not in client.get("/").content.decode()


def test_a_deleted_organization_takes_all_that_is_its_own_and_nothing_else():
    world, other = World(), World("Contoso", prefix="other-")
    SystemSetting.objects.create(
        setting_key="k", setting_value="v", organization_id=world.organization.pk
    )
    gone = world.organization.pk
    services.delete_organization(organization=world.organization, actor="test")
    assert list(Organization.objects.all()) == [other.organization]
    assert (SystemSetting.objects.count(), Member.objects.count()) == (0, 5)
    assert AuditEvent.objects.get(action="organization.removed").organization_id == gone
    record = AuditEvent.objects.get(action="organization.removed")
    assert (record.target_id, record.target_name) == (str(gone), "Northwind Sales")
    assert not audit.verify().problems


@pytest.mark.django_db(transaction=True)
def test_while_an_organization_is_deleted_others_are_changed_and_audited():
    world, other = World(), organization("Contoso")

    def act(what, **values):
        try:
            what(**values)
        finally:
            connection.close()

    deleting = threading.Thread(
        target=act,
        args=(services.delete_organization,),
        kwargs={"organization": world.organization, "actor": "test"},
    )
    renaming = threading.Thread(
        target=act,
        args=(services.rename_organization,),
        kwargs={"organization": other, "name": "Contoso Growth"},
    )
    # Somebody holds one of its rows: the deletion is in the middle of it.
    with transaction.atomic():
        SalesRep.objects.select_for_update().get(pk=world.rep.pk)
        deleting.start()
        wait_until_held(1)
        renaming.start()
        renaming.join(20)
        was_held = renaming.is_alive()
    deleting.join(30)
    renaming.join(30)
    assert not was_held
    assert list(Organization.objects.values_list("name", flat=True)) == ["Contoso Growth"]
    acts = AuditEvent.objects.filter(
        action__in=["setting.changed", "organization.removed"]
    ).order_by("sequence")
    assert [event.action for event in acts] == ["setting.changed", "organization.removed"]


@pytest.mark.django_db(transaction=True)
def test_of_two_ceos_who_take_each_others_role_at_once_one_stays():
    of = organization()
    people = [member("CEO", of, name) for name in ("ada", "bob")]
    rows = {row.user_id: row for row in Member.objects.all()}
    gate, outcomes = threading.Barrier(2), []

    def demote(actor, row):
        gate.wait()
        try:
            services.change_role(member=row, role="CLOSER", actor=actor)
            outcomes.append("done")
        except (PermissionDenied, ValidationError):
            outcomes.append("refused")
        finally:
            connection.close()

    pairs = [(people[0], rows[people[1].pk]), (people[1], rows[people[0].pk])]
    threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert sorted(Member.objects.values_list("role", flat=True)) == ["CEO", "CLOSER"]


def test_whoever_has_lost_the_say_changes_nobody_any_more():
    """Of three CEOs the second has taken the first one's role while that one's
    request was on its way.
    """
    world = World()
    second, third = (
        Member.objects.get(user=member("CEO", world.organization, name))
        for name in ("second", "third")
    )
    services.change_role(member=world.members["CEO"], role="CLOSER", actor=second.user)
    for act in (
        lambda: services.change_role(member=third, role="CLOSER", actor=world.users["CEO"]),
        lambda: services.remove_member(member=third, actor=world.users["CEO"]),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert services.remove_member(member=world.members["CEO"], actor=world.users["CEO"]), (
        "leaving is one's own"
    )
    assert not services.remove_member(member=world.members["CEO"], actor=world.users["CEO"])


def test_a_member_leaves_over_the_api_and_hands_over():
    world, other = World(), World("Contoso", prefix="other-")
    client, closer = client_of(world.users["CEO"]), world.members["CLOSER"]
    path = f"{PATH}/members/{closer.pk}/leaving"
    left = {"meetings": 1, "leads": 0, "invitations": 0, "teams": [], "repId": str(world.rep.pk)}
    assert client.get(path).json() == client_of(world.users["CLOSER"]).get(path).json() == left
    assert_error(client_of(world.users["SETTER"]).get(path), 403)
    assert_error(client.post(path, {"successorId": str(other.members["CLOSER"].pk)}), 400)
    assert_error(client.post(path, {"successorId": str(closer.pk)}), 400)
    body = {"successorId": str(world.members["MANAGER"].pk), "archiveRep": True}
    # Whoever leaves by themselves ends no import of the organization's calls with that.
    refused = assert_error(client_of(world.users["CLOSER"]).post(path, body), 400)
    assert set(refused["fields"]) == {"archiveRep"}
    assert client.post(path, body).status_code == 204
    world.appointment.refresh_from_db()
    world.rep.refresh_from_db()
    assert world.appointment.closer == world.members["MANAGER"]
    assert world.rep.archived_at is not None
    assert client.post(path, body).status_code == 404
    shown = {row["username"]: row for row in client.get(f"{PATH}/members").json()["results"]}
    assert shown["manager"]["managedTeamIds"] == [str(world.team.pk)]
    assert (shown["ceo"]["hasSecondFactor"], shown["ceo"]["repId"]) == (False, None)
