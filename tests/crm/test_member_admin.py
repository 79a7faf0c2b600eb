"""The admin's form of a member goes the same road as the API:
nobody leaves an organization without a CEO.
"""

import pytest

from core.models import AuditEvent
from core.signin import roles
from crm.models import Member, Team, TeamManager
from tests.support.people import member, organization, person, staff

pytestmark = pytest.mark.django_db
MEMBERS = "/admin/crm/member/"


@pytest.fixture
def operator(client):
    client.force_login(staff(roles.OPERATIONS_ADMIN, "operator"), backend="core.signin.Backend")
    return client


@pytest.fixture
def ceo():
    return Member.objects.get(user=member("CEO", organization("Acme"), "boss"))


def test_the_last_ceo_can_neither_become_something_else_nor_go(operator, ceo):
    answer = operator.post(f"{MEMBERS}{ceo.pk}/change/", {"role": "CLOSER"})
    assert answer.status_code == 200
    assert "keeps at least one CEO" in answer.content.decode()
    answer = operator.post(f"{MEMBERS}{ceo.pk}/delete/", {"post": "yes"}, follow=True)
    assert "keeps at least one CEO" in answer.content.decode()
    answer = operator.post(
        MEMBERS,
        {"action": "delete_selected", "_selected_action": [str(ceo.pk)], "post": "yes"},
        follow=True,
    )
    assert "keeps at least one CEO" in answer.content.decode()
    ceo.refresh_from_db()
    assert ceo.role == "CEO"
    assert not AuditEvent.objects.filter(action="role.changed", facts__before="CEO").exists()


def test_whoever_is_no_manager_any_more_manages_no_team(operator, ceo):
    manager = Member.objects.get(user=member("MANAGER", ceo.organization, "manager"))
    team = Team.objects.create(organization=ceo.organization, name="North")
    TeamManager.objects.create(organization=ceo.organization, team=team, member=manager)
    assert operator.post(f"{MEMBERS}{manager.pk}/change/", {"role": "CLOSER"}).status_code == 302
    manager.refresh_from_db()
    assert manager.role == "CLOSER"
    assert not TeamManager.objects.filter(member=manager).exists()
    assert (
        AuditEvent.objects.get(action="role.changed", facts__before="MANAGER").facts["after"]
        == "CLOSER"
    )


def test_a_member_is_added_and_removed_and_both_are_on_record(operator, ceo):
    user = person("newcomer")
    added = {"organization": str(ceo.organization_id), "user": str(user.pk), "role": "SETTER"}
    assert operator.post(f"{MEMBERS}add/", added).status_code == 302
    setter = Member.objects.get(user=user)
    assert (setter.organization_id, setter.role) == (ceo.organization_id, "SETTER")
    twice = operator.post(f"{MEMBERS}add/", added)
    assert (twice.status_code, Member.objects.filter(user=user).count()) == (200, 1)
    assert operator.post(f"{MEMBERS}{setter.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Member.objects.filter(user=user).exists()
    facts = [
        (event.facts["before"], event.facts["after"])
        for event in AuditEvent.objects.filter(
            action="role.changed", facts__user="newcomer"
        ).order_by("sequence")
    ]
    assert facts == [(None, "SETTER"), ("SETTER", None)]
