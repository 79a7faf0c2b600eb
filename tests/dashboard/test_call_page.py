"""The page of a call before anything is pressed: whose it is, what it says, and what it lets a browser do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call, GuestInvitation
from calls.services import invite_guest
from crm import services
from crm.models import Appointment
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World


@pytest.fixture(autouse=True)
def rooms(settings: Any) -> None:
    settings.LIVEKIT_API_URL = "wss://rooms.example.com/somewhere"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = "APIkeyNobodySees", "secret-nobody-sees-0123456789abcdef"


@pytest.fixture
def world(db: None) -> World:
    made = World()
    starts = timezone.now() + timedelta(minutes=5)
    Appointment.objects.update(starts_at=starts, ends_at=starts + timedelta(hours=1))
    return made


def address(world: World) -> str:
    return f"/app/call/{world.appointment.pk}"


def guest_address(world: World) -> str:
    appointment = Appointment.objects.get(pk=world.appointment.pk)
    return f"/call/key/{invite_guest(appointment, actor=None)[1]}"


def policy(answer: Any) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in answer["Content-Security-Policy"].split(";"))}


def test_whoever_takes_part_comes_into_the_lobby_and_nothing_happens_yet(world: World):
    for role in ("CEO", "MANAGER", "CLOSER", "SETTER", "ADMIN"):
        answer = signed_in(world.users[role]).get(address(world))
        assert (answer.status_code, answer.context["state"]) == (200, "lobby"), role
    assert Call.objects.count() == 0


def test_for_anybody_else_there_is_no_such_page(world: World):
    for user in (people.member("CEO", people.organization("Contoso")), people.member("CLOSER", world.organization)):
        assert signed_in(user).get(address(world)).status_code == 404
    answer = signed_in(people.staff()).get(address(world))
    assert answer.status_code == 403
    assert "You do not take part in this call" in answer.content.decode()
    assert Client().get(address(world))["Location"] == f"/sign-in?next={address(world)}"


def test_the_browser_may_speak_to_the_rooms_server_from_this_page_alone(world: World):
    client = signed_in(world.users["CLOSER"])
    allowed = ["'self'", "wss://rooms.example.com", "https://rooms.example.com"]
    assert policy(client.get(address(world)))["connect-src"] == allowed
    assert policy(Client().get(guest_address(world)))["connect-src"] == allowed
    assert "rooms.example.com" not in client.get("/scheduling")["Content-Security-Policy"]
    said = client.get(address(world))["Permissions-Policy"]
    assert all(f"{name}=(self)" in said for name in ("camera", "microphone", "display-capture"))


def test_nothing_technical_stands_in_the_page(world: World):
    for page in (
        signed_in(world.users["CLOSER"]).get(address(world)).content.decode(),
        Client().get(guest_address(world)).content.decode(),
    ):
        for word in ("rooms.example.com", "APIkeyNobodySees", "secret-nobody-sees", "org_", "wss:", "room_name"):
            assert word not in page


def test_a_person_is_told_when_the_call_is_recorded(world: World):
    client = signed_in(world.users["CLOSER"])
    assert "This call is recorded." in client.get(address(world)).content.decode()
    services.change_settings(organization=world.organization, call_recording_enabled=False)
    assert "This call is recorded." not in client.get(address(world)).content.decode()


@pytest.mark.parametrize(
    ("starts_in", "change", "state", "says"),
    [
        (timedelta(hours=3), {}, "early", "The call opens at"),
        (timedelta(hours=-4), {}, "over", "This meeting is over"),
        (timedelta(), {"status": "cancelled"}, "cancelled", "This meeting was cancelled"),
    ],
)
def test_a_shut_door_says_why(world: World, starts_in: timedelta, change: Any, state: str, says: str):
    link = guest_address(world)
    starts = timezone.now() + starts_in
    Appointment.objects.update(starts_at=starts, ends_at=starts + timedelta(hours=1), **change)
    answer = signed_in(world.users["CLOSER"]).get(address(world))
    assert answer.context["state"] == state
    assert says in answer.content.decode()
    assert "js/call/page.js" not in answer.content.decode()
    assert Client().get(link).context["state"] == state


def test_without_a_server_for_rooms_people_are_told_kindly(world: World, settings: Any):
    settings.LIVEKIT_API_SECRET = ""
    for answer in (signed_in(world.users["CLOSER"]).get(address(world)), Client().get(guest_address(world))):
        assert answer.context["state"] == "unavailable"
        page = answer.content.decode()
        assert "Video calls are not available" in page
        assert "LIVEKIT" not in page.upper()
    settings.LIVEKIT_API_URL = ""
    assert signed_in(world.users["CLOSER"]).get(address(world)).status_code == 200


def test_a_guest_is_told_with_whom_and_when_and_is_asked_to_agree(world: World):
    answer = Client().get(guest_address(world))
    page = answer.content.decode()
    assert answer.context["state"] == "lobby"
    assert world.organization.name in page
    assert "(Amsterdam time)" in page
    assert "keeps the recording for 90 days" in page
    assert 'id="guest-consent" name="consent" required' in page
    assert "checked" not in page.split('id="guest-consent"')[1].split(">")[0]
    assert 'class="sidebar"' not in page
    assert (Call.objects.count(), GuestInvitation.objects.exclude(consent_at=None).count()) == (0, 0)


def test_a_link_that_is_old_withdrawn_or_not_ours_opens_nothing(world: World):
    link = guest_address(world)
    for change in ({"expires_at": timezone.now()}, {"revoked_at": timezone.now()}):
        GuestInvitation.objects.update(expires_at=timezone.now() + timedelta(hours=1), revoked_at=None)
        assert Client().get(link).status_code == 200
        GuestInvitation.objects.update(**change)
        answer = Client().get(link)
        assert (answer.status_code, answer.context["state"]) == (404, "gone")
    for unknown in ("/call/key/x", "/call/key/a:b", f"/call/key/{'x' * 5000}"):
        answer = Client().get(unknown)
        assert answer.status_code == 404
        assert "This link no longer works" in answer.content.decode()


def test_the_pages_ask_the_database_as_often_whoever_comes(world: World, django_assert_num_queries):
    link, client = guest_address(world), signed_in(world.users["CLOSER"])
    with django_assert_num_queries(4):
        client.get(address(world))
    with django_assert_num_queries(1):
        Client().get(link)
