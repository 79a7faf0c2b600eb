"""Who sees which call: the table of roles, for the list, the call, its transcript,
its words and its figures alike.
"""

import pytest
from django.utils import timezone

from calls.access import calls_for
from calls.models import Call
from core.signin import roles
from crm import services
from crm.models import Member, Team
from tests.calls.cast import fathom_call, native_call
from tests.support.people import assert_error, client_of, member, person, staff
from tests.support.world import ROLES, World

pytestmark = pytest.mark.django_db

# Of their own organization: the native call that is theirs, the other one,
# the Fathom call that is theirs, the other.
TABLE = {
    "CEO": (True, True, True, True),
    "MANAGER": (True, False, True, False),
    "CLOSER": (True, False, True, False),
    "SETTER": (True, False, False, False),
    "ADMIN": (True, True, True, True),
}


class Calls:
    """A world with a call of each kind that is everybody's, and one that is nobody's
    but the chief's.
    """

    def __init__(self, world: World) -> None:
        lead = services.create_lead(organization=world.organization, name="Nobody's")
        rep = services.create_rep(
            organization=world.organization,
            name="Other",
            email=f"other-{world.organization.pk}@example.com",
        )
        self.native = native_call(world, title="kwartz", started_at=timezone.now())
        self.other_native = native_call(
            world, world.book(lead=lead), title="kwartz", started_at=timezone.now()
        )
        segments = [{"speaker": "A", "at": 1, "text": "kwartz"}]
        self.fathom = fathom_call(world, title="kwartz", transcript=segments)
        self.other_fathom = fathom_call(world, title="kwartz", rep_id=rep.pk, transcript=segments)
        self.all = [self.native, self.other_native, self.fathom, self.other_fathom]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_what_the_table_says_and_nothing_else(role):
    world = World()
    calls = Calls(world)
    strange = Calls(World("Contoso", prefix="other-"))
    client = client_of(world.users[role])
    expected = {call.pk for call, seen in zip(calls.all, TABLE[role], strict=True) if seen}
    if role == "ADMIN":
        expected |= {call.pk for call in strange.all}
    for path in ("/api/calls", "/api/calls?search=kwartz"):
        assert {row["id"] for row in client.get(path).json()["results"]} == {
            str(pk) for pk in expected
        }
    assert client.get("/api/calls/stats").json()["totalCalls"] == len(expected)
    for call in [*calls.all, *strange.all]:
        status = 200 if call.pk in expected else 404
        assert client.get(f"/api/calls/{call.pk}").status_code == status
        assert client.get(f"/api/calls/{call.pk}/transcript").status_code == status


def test_a_setter_who_is_the_rep_sees_their_own_recordings():
    world = World()
    rep = services.create_rep(
        organization=world.organization,
        name="Sam",
        email="sam@example.com",
        member=world.members["SETTER"],
    )
    call = fathom_call(world, rep_id=rep.pk)
    assert list(calls_for(world.users["SETTER"])) == [call]


def test_a_manager_of_no_team_sees_nothing():
    world = World()
    Calls(world)
    assert not calls_for(member("MANAGER", world.organization)).exists()


def test_whoever_is_of_two_organizations_sees_what_each_role_lets_them():
    world, other = World(), World("Contoso", prefix="other-")
    own, theirs = Calls(world), Calls(other)
    user = world.users["CLOSER"]
    Member.objects.create(organization=other.organization, user=user, role="CEO")
    assert set(calls_for(user)) == {own.native, own.fathom, *theirs.all}
    assert set(calls_for(user, other.organization.pk)) == set(theirs.all)


def test_staff_look_on_by_permission_and_strangers_see_nothing():
    world = World()
    calls = Calls(world)
    assert set(calls_for(staff(roles.OPERATIONS_VIEWER))) == set(calls.all)
    assert not calls_for(person(is_staff=True)).exists()
    assert not calls_for(person()).exists()
    world.users["CEO"].is_active = False
    assert not calls_for(world.users["CEO"]).exists()


def test_a_meeting_with_a_call_is_cancelled_and_not_deleted():
    world = World()
    call = native_call(world)

    answer = client_of(world.users["CEO"]).delete(f"/api/crm/appointments/{call.appointment_id}")

    assert "Cancel it instead" in assert_error(answer, 409, "still_used")["message"]
    assert Call.objects.filter(pk=call.pk, appointment__isnull=False).exists()


def test_the_calls_of_a_team_are_those_that_its_statistics_count() -> None:
    world = World()
    client = client_of(world.users["CEO"])
    other = Team.objects.create(organization=world.organization, name="Other")
    second = services.create_rep(
        organization=world.organization, name="Zoe", email="zoe@example.com", team=other
    )
    for rep in (world.rep, world.rep, second):
        fathom_call(world, rep_id=rep.pk)
    native_call(world, started_at=timezone.now())
    for row in client.get("/api/calls/stats?groupBy=team").json()["groups"]:
        assert len(client.get(f"/api/calls?teamId={row['key']}").json()["results"]) == row["calls"]
    theirs = World("Contoso", prefix="c-")
    fathom_call(theirs, rep_id=theirs.rep.pk)
    assert client.get(f"/api/calls?teamId={theirs.team.pk}").json()["results"] == []
