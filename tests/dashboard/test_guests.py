"""Asking a guest into a meeting: a link that is shown once, the links that work, and their end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import GuestInvitation
from calls.services import InvitationGone, invite_guest, read_guest_invitation
from core.models import AuditEvent
from crm.models import Appointment
from crm.services import change_settings
from dashboard.scheduling import mails
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def closer(world: World) -> Client:
    return signed_in(world.users["CLOSER"])


def address(world: World) -> str:
    return f"/scheduling/{world.appointment.pk}/guests"


def test_a_link_is_made_and_shown_once(world: World, closer: Client, settings: Any):
    answer = closer.post(address(world))
    link = answer.context["link"]
    assert link.startswith(f"{settings.PUBLIC_URL}/call/key/")
    assert link in answer.content.decode()
    assert read_guest_invitation(link.rpartition("/")[2]).appointment_id == world.appointment.pk
    assert link not in closer.get(address(world)).content.decode()
    assert AuditEvent.objects.filter(action="guest.invited").count() == 1


def test_links_of_pages_and_of_the_api_are_counted_together(
    world: World, closer: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mails, "AN_HOUR", 2)
    api = people.client_of(world.users["CLOSER"])
    assert (
        api.post(f"/api/calls/appointments/{world.appointment.pk}/invitations", {}).status_code
        == 201
    )
    assert closer.post(address(world)).context["link"]
    refused = closer.post(address(world))
    assert (refused.status_code, refused.context["link"]) == (429, "")
    assert "You have made many guest links" in refused.content.decode()
    part = closer.post(address(world), headers={"HX-Request": "true"})
    assert (part.status_code, "You have made many" in part.content.decode()) == (200, True)
    assert GuestInvitation.objects.count() == 2


def test_looking_makes_no_link(world: World, closer: Client):
    assert closer.get(address(world)).status_code == 200
    assert GuestInvitation.objects.count() == 0


def test_in_the_dialog_only_the_part_comes(world: World, closer: Client):
    part = closer.get(address(world), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Make a link" in part
    assert "<html" in closer.get(address(world)).content.decode()


def test_a_link_is_withdrawn(world: World, closer: Client):
    token = closer.post(address(world)).context["link"].rpartition("/")[2]
    invitation = GuestInvitation.objects.get()
    away = f"{address(world)}/{invitation.pk}/withdraw"
    assert closer.post(away)["Location"] == address(world)
    assert closer.get(address(world)).context["invitations"] == []
    with pytest.raises(InvitationGone):
        read_guest_invitation(token)
    assert closer.post(away, headers={"HX-Request": "true"}).status_code == 200
    assert AuditEvent.objects.filter(action="guest.revoked").count() == 1


def test_a_meeting_that_is_over_takes_no_guests(world: World, closer: Client):
    Appointment.objects.update(
        starts_at=timezone.now() - timedelta(hours=5), ends_at=timezone.now() - timedelta(hours=4)
    )
    assert "nobody can be invited any more" in closer.get(address(world)).content.decode()
    assert closer.post(address(world)).status_code == 409
    assert GuestInvitation.objects.count() == 0


def test_whoever_does_not_take_part_makes_no_link(world: World):
    second = World("Contoso", prefix="c-")
    invitation = GuestInvitation.objects.create(appointment=world.appointment, token_hash="x")
    for user, status in (
        (second.users["CEO"], 404),
        (people.member("CLOSER", world.organization), 404),
        (people.staff(), 403),
    ):
        client = signed_in(user)
        assert client.get(address(world)).status_code == status
        assert client.post(address(world)).status_code == status
        assert client.post(f"{address(world)}/{invitation.pk}/withdraw").status_code == status
    stranger = signed_in(second.users["CEO"])
    assert (
        stranger.post(
            f"/scheduling/{second.appointment.pk}/guests/{invitation.pk}/withdraw"
        ).status_code
        == 404
    )
    invitation.refresh_from_db()
    assert (GuestInvitation.objects.count(), invitation.revoked_at) == (1, None)


@pytest.mark.parametrize("is_chosen", [True, False])
def test_a_guest_is_told_that_the_call_is_written_down_where_it_is(
    world: World, settings: Any, is_chosen: bool
):
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = "https://words.example/v1", "of-no-value"
    settings.LIVEKIT_API_URL = "http://127.0.0.1:9"
    settings.LIVEKIT_API_KEY = settings.LIVEKIT_API_SECRET = "of-no-value-" * 4
    change_settings(organization=world.organization, call_transcription_enabled=is_chosen)
    token = invite_guest(world.book(timezone.now()), actor=None)[1]
    page = Client().get(f"/call/key/{token}").content.decode()
    assert "I agree that this call may be recorded" in page
    assert ("words.example writes down from the recording" in " ".join(page.split())) is is_chosen
