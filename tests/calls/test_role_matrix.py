"""Role x appointment x organization, generated: one table, wherever a call of a meeting can be met.

What a role may see is said here once more, from the product's words alone,
and not taken from `crm.access`.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from calls.models import Call, CallParticipant, Recording
from core.models import User
from crm import services
from crm.models import Appointment, Member
from tests.calls.cast import native_call
from tests.support import web
from tests.support.people import client_of, member, person
from tests.support.sandbox import Sandbox
from tests.support.world import ROLES, World

pytestmark = pytest.mark.django_db
WHO = ("theirs", "another's", "nobody's")
WORD = "kwartzkristal"


@dataclass(frozen=True)
class Fact:
    """Whose appointment it is: the organization, who closes it, whose team has it,
    who qualified its lead.
    """

    organization: UUID
    closer: str
    team: str
    setter: str


@dataclass(frozen=True)
class Meeting:
    fact: Fact
    appointment: Appointment
    call: Call
    recording: Recording


# The product's table.
TABLE: dict[str, Callable[[Fact], bool]] = {
    "CEO": lambda fact: True,
    "MANAGER": lambda fact: fact.team == "theirs",
    "CLOSER": lambda fact: fact.closer == "theirs",
    "SETTER": lambda fact: fact.setter == "theirs",
}


def expected(role: str, of: UUID, fact: Fact) -> bool:
    return role == "ADMIN" or (fact.organization == of and TABLE[role](fact))


def combinations(every: bool) -> Iterator[tuple[str, str, str]]:
    """All 27 of closer, team and setter, or nine of them in which every two meet each other."""
    for first, second in itertools.product(range(3), repeat=2):
        for third in range(3) if every else [(first + second) % 3]:
            yield WHO[first], WHO[second], WHO[third]


class Organization:
    """A world with meetings of every combination, each with a call that was
    recorded and transcribed.
    """

    def __init__(self, world: World, combined: Iterable[tuple[str, str, str]]) -> None:
        self.world = world
        # Every meeting that there is has its place in the table.
        world.appointment.delete()
        of: dict[str, Any] = {"organization": world.organization}
        prefix = str(world.organization.pk)[:8]
        others = {
            role: Member.objects.get(user=member(role, world.organization, f"{prefix}-{role}"))
            for role in ROLES
        }
        closers = {
            "theirs": world.members["CLOSER"],
            "another's": others["CLOSER"],
            "nobody's": None,
        }
        managed = services.create_team(name="Others'", managers=[others["MANAGER"]], **of)
        teams = {"theirs": world.team, "another's": managed, "nobody's": None}
        setters = {
            "theirs": world.members["SETTER"],
            "another's": others["SETTER"],
            "nobody's": None,
        }
        leads = {
            name: services.create_lead(name=f"Lead of {name}", qualified_by=who, **of)
            for name, who in setters.items()
        }
        self.meetings = [
            self._meeting(
                Fact(world.organization.pk, closer, team, setter),
                world.book(lead=leads[setter], closer=closers[closer], team=teams[team]),
            )
            for closer, team, setter in combined
        ]

    def _meeting(self, fact: Fact, appointment: Appointment) -> Meeting:
        segments = [{"speaker": "Ann", "at": 1, "text": WORD}]
        call = native_call(
            self.world,
            appointment,
            title="A meeting",
            transcript=segments,
            started_at=timezone.now(),
        )
        appointment.starts_at -= appointment.ends_at - appointment.starts_at
        appointment.save()
        recording = Recording.objects.create(
            call=call,
            state="available",
            bucket="koppel-recordings",
            key=f"demo/{call.pk}.mp4",
            size_bytes=1,
        )
        return Meeting(fact, appointment, call, recording)


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.prove)], ids=["pairs", "all"])
def organizations(request: Any, calls_stand_ins: Sandbox) -> list[Organization]:
    combined = list(combinations(request.param))
    return [
        Organization(World(), combined),
        Organization(World("Contoso", prefix="other-"), combined),
    ]


def meetings(organizations: list[Organization]) -> list[Meeting]:
    return [meeting for organization in organizations for meeting in organization.meetings]


def listed(client: Any, path: str) -> set[str]:
    found: set[str] = set()
    while path:
        body = client.get(path).json()
        found |= {row["id"] for row in body["results"]}
        path = body["next"] or ""
    return found


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def assert_sees(user: User, all_of_them: list[Meeting], sees: Callable[[Fact], bool]) -> None:
    """Exactly these, on every way; for the others each way says 404 and leaves nothing behind."""
    cache.clear()
    api, pages = client_of(user), signed_in(user)
    visible = [meeting for meeting in all_of_them if sees(meeting.fact)]
    calls, appointments = (
        {str(meeting.call.pk) for meeting in visible},
        {str(meeting.appointment.pk) for meeting in visible},
    )
    assert listed(api, "/api/calls?pageSize=200") == calls
    assert listed(api, f"/api/calls?pageSize=200&search={WORD}") == calls
    assert listed(api, "/api/calls/appointments?pageSize=200") == appointments
    assert api.get("/api/calls/stats").json()["totalCalls"] == len(visible)
    for meeting in all_of_them:
        status = 200 if meeting in visible else 404
        call, appointment = meeting.call.pk, meeting.appointment.pk
        seats = CallParticipant.objects.count()
        found = api.get(f"/api/calls/{call}")
        joined = api.post(
            f"/api/calls/appointments/{appointment}/join", {"deviceId": "a-laptop-of-their-own"}
        )
        answers = {
            "call": found.status_code,
            "transcript": api.get(f"/api/calls/{call}/transcript").status_code,
            "join": joined.status_code,
            "guests": api.get(f"/api/calls/appointments/{appointment}/invitations").status_code,
            "page": pages.get(f"/calls/{call}").status_code,
            "room": pages.get(f"/app/call/{appointment}").status_code,
        }
        assert answers == dict.fromkeys(answers, status), (user.username, meeting.fact)
        played = pages.get(f"/calls/{call}/recordings/{meeting.recording.pk}")
        assert played.status_code == (302 if status == 200 else 404)
        assert CallParticipant.objects.count() == seats + (status == 200)
        if status == 200:
            assert joined.json()["callId"] == str(call)
            assert (
                urlsplit(found.json()["recording"]["url"]).path == urlsplit(played["Location"]).path
            )
            assert found.json()["recording"]["url"].split("?")[0].endswith(f"/demo/{call}.mp4")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_meets_the_calls_of_the_table_and_no_others(
    role: str, organizations: list[Organization]
) -> None:
    for organization in organizations:
        assert_sees(
            organization.world.users[role],
            meetings(organizations),
            partial(expected, role, organization.world.organization.pk),
        )


def test_whoever_is_in_both_organizations_meets_what_each_role_shows(
    organizations: list[Organization],
) -> None:
    first, second = organizations
    user = first.world.users["CLOSER"]
    services.add_member(organization=second.world.organization, user=user, role="MANAGER")

    where_they_close = first.world.organization.pk
    # They are a manager there, of no team.
    assert_sees(user, meetings(organizations), partial(expected, "CLOSER", where_they_close))


def test_a_stranger_meets_none_and_nobody_is_let_in_without_signing_in(
    organizations: list[Organization],
) -> None:
    assert_sees(person(), meetings(organizations), lambda fact: False)
    for meeting in meetings(organizations)[:3]:
        for path in (f"/api/calls/{meeting.call.pk}", f"/api/calls/{meeting.call.pk}/transcript"):
            assert client_of().get(path).status_code == 401
        assert (
            client_of().post(f"/api/calls/appointments/{meeting.appointment.pk}/join").status_code
            == 401
        )
        assert (
            Client().get(f"/calls/{meeting.call.pk}/recordings/{meeting.recording.pk}").status_code
            == 302
        )


def test_the_link_that_they_get_plays_and_an_altered_one_does_not(
    organizations: list[Organization],
) -> None:
    organization = organizations[0]
    client = client_of(organization.world.users["CEO"])
    own, other = (
        client.get(f"/api/calls/{meeting.call.pk}").json()["recording"]["url"]
        for meeting in organization.meetings[:2]
    )

    assert web.ask("GET", own).status == 200
    assert web.ask("GET", own.replace(own.split("?")[0], other.split("?")[0])).status == 403
