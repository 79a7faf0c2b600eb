"""What is done with a meeting on its page: called off, reopened, settled;
and what its history says.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from calls import sending
from calls.models import GuestInvitation
from calls.services import mail_lead
from core.models import AuditEvent
from crm import services
from tests.calls.cast import native_call
from tests.dashboard.conftest import signed_in
from tests.support.world import World

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    return World()


@pytest.fixture
def setter(world: World) -> Client:
    return signed_in(world.users["SETTER"])


@pytest.fixture
def ceo(world: World) -> Client:
    return signed_in(world.users["CEO"])


def test_a_mail_to_the_lead_is_announced_only_where_a_cancellation_owes_them_one(
    world: World, setter: Client
):
    address = f"/scheduling/{world.appointment.pk}/cancel"
    words = "The lead is mailed a minute later"
    mail_lead(world.appointment, actor=world.users["CEO"])
    assert words not in setter.get(address).content.decode(), "the invitation was not tried yet"
    sending.send_waiting()
    assert words in setter.get(address).content.decode()


def test_a_cancelled_meeting_is_taken_back_with_its_links(world: World, setter: Client):
    link = GuestInvitation.objects.create(appointment=world.appointment, token_hash="x")
    before = NOW - timedelta(hours=1)
    gone = GuestInvitation.objects.create(
        appointment=world.appointment, token_hash="y", revoked_at=before
    )
    address = f"/scheduling/{world.appointment.pk}"
    assert "Its guest links stop working." in setter.get(f"{address}/cancel").content.decode()
    answer = setter.post(f"{address}/cancel", {"reason": "Ill"}, follow=True).content.decode()
    world.appointment.refresh_from_db()
    link.refresh_from_db()
    assert (world.appointment.status, world.appointment.cancel_reason) == ("cancelled", "Ill")
    assert link.revoked_at is not None
    assert f'action="{address}/reopen"' in answer
    assert "Undo" in answer
    setter.post(f"{address}/reopen")
    for row in (world.appointment, link, gone):
        row.refresh_from_db()
    assert (world.appointment.status, world.appointment.cancel_reason) == ("scheduled", "")
    assert (link.revoked_at, gone.revoked_at) == (None, before)
    words = list(
        AuditEvent.objects.filter(target_id=str(world.appointment.pk)).values_list(
            "action", flat=True
        )
    )
    assert words == ["appointment.reopened", "appointment.cancelled"]


def test_a_meeting_stands_again_over_another_of_the_closer_only_if_they_say_so(
    world: World, ceo: Client
):
    address, closer = f"/scheduling/{world.appointment.pk}", world.members["CLOSER"]
    services.cancel_appointment(appointment=world.appointment)
    world.book(world.appointment.starts_at, closer=closer)
    asked = ceo.post(f"{address}/reopen").content.decode()
    assert "closer has another meeting then" in asked
    assert 'name="anyway"' in asked
    world.appointment.refresh_from_db()
    assert world.appointment.status == "cancelled"
    assert ceo.post(f"{address}/reopen", {"anyway": "1"})["Location"] == address
    world.appointment.refresh_from_db()
    assert world.appointment.status == "scheduled"


def test_nobody_is_asked_about_a_clash_of_a_meeting_that_is_over(
    world: World, ceo: Client, time_machine: Any
):
    address = f"/scheduling/{world.appointment.pk}"
    world.book(world.appointment.starts_at, closer=world.members["CLOSER"])
    services.settle_appointment(appointment=world.appointment, status="no_show")
    time_machine.move_to(world.appointment.ends_at, tick=False)
    assert ceo.post(f"{address}/reopen")["Location"] == address
    world.appointment.refresh_from_db()
    assert world.appointment.status == "scheduled"


def test_of_two_who_decide_at_once_the_second_is_told(
    world: World, setter: Client, time_machine: Any
):
    time_machine.move_to(world.appointment.starts_at, tick=False)
    address = f"/scheduling/{world.appointment.pk}"
    setter.post(f"{address}/settle", {"status": "no_show"})
    answer = setter.post(f"{address}/cancel", follow=True).content.decode()
    assert "Somebody changed this meeting" in answer
    world.appointment.refresh_from_db()
    assert world.appointment.status == "no_show"
    assert setter.post(f"{address}/settle", {"status": "x"}).status_code == 400


def test_held_and_no_show_are_asked_once_it_began(world: World, setter: Client, time_machine: Any):
    address = f"/scheduling/{world.appointment.pk}"
    assert "No-show" not in setter.get(address).content.decode()
    time_machine.move_to(world.appointment.starts_at, tick=False)
    assert "No-show" in setter.get(address).content.decode()


def test_the_page_of_a_meeting_asks_the_database_as_often_whatever_is_in_it(
    world: World, setter: Client, django_assert_num_queries: Any
):
    address, by = f"/scheduling/{world.appointment.pk}", services.By(world.users["CEO"])
    services.move_appointment(appointment=world.appointment, starts=NOW, by=by)
    with django_assert_num_queries(11):
        setter.get(address)
    for hours in (1, 2):
        services.move_appointment(
            appointment=world.appointment, starts=NOW + timedelta(days=hours), by=by
        )
        GuestInvitation.objects.create(appointment=world.appointment, token_hash=str(hours))
    with django_assert_num_queries(11):
        setter.get(address)


def test_what_came_of_a_meeting_stands_in_its_history(world: World):
    closer, address = signed_in(world.users["CLOSER"]), f"/scheduling/{world.appointment.pk}"
    native_call(world)
    closer.post(f"/app/call/{world.appointment.pk}/went", {"outcome": "won"})
    page = " ".join(closer.get(address).content.decode().split())
    assert "Outcome</strong> Won" in page
    assert "Marked as held</strong>" in page


def test_a_no_show_that_is_said_on_the_way_out_stands_in_the_history_with_who_did_it(world: World):
    closer, address = signed_in(world.users["CLOSER"]), f"/scheduling/{world.appointment.pk}"
    closer.post(f"/app/call/{world.appointment.pk}/went", {"outcome": "no-show"})
    row = AuditEvent.objects.get(target_id=str(world.appointment.pk))
    assert (row.action, row.actor_id) == ("appointment.no_show", world.users["CLOSER"].pk)
    assert "Marked as a no-show" in closer.get(address).content.decode()
