"""From the schedule or a link into the lobby, and what stands in the way."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from calls.models import Call, CallParticipant, GuestInvitation
from calls.services import invite_guest
from core.models import User
from crm.models import Appointment
from tests.browser.call.conftest import camera_is_on, script_the_library, until
from tests.browser.conftest import look_at
from tests.support.world import World


def test_from_the_schedule_into_the_lobby_and_out_again_when_the_call_cannot_be_reached(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    enter(world.users["CLOSER"])
    page.goto("/")
    page.get_by_role("link", name="Schedule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")
    look_at(page)
    page.get_by_role("link", name="Join call: Discovery call").click()
    expect(page.get_by_role("heading", name="Discovery call")).to_be_visible()
    expect(page.get_by_text("This call is recorded.")).to_be_visible()
    expect(page.locator("#preview")).to_have_attribute("data-camera", "on")
    until(page, "document.getElementById('level').value > 0.01")
    expect(page.get_by_label("Camera", exact=True)).to_be_visible()
    assert camera_is_on(page)
    look_at(page)
    assert Call.objects.count() == 0

    page.get_by_role("button", name="Join call").click()
    expect(page.get_by_role("heading", name="The call cannot be reached")).to_be_focused()
    assert not camera_is_on(page)
    look_at(page)
    call = Call.objects.get()
    assert call.appointment_id == world.appointment.pk
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="The call cannot be reached")).to_be_focused()
    assert CallParticipant.objects.filter(call=call).count() == 1, (
        "the same device takes its own seat again"
    )
    page.get_by_role("button", name="Check your devices").click()
    expect(page.locator("#preview")).to_have_attribute("data-camera", "on")
    page.get_by_role("link", name="Back to the schedule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")


def test_the_sandbox_has_no_media_and_the_page_says_so(
    lobby: Page, sandbox: Any, settings: Any, world: World
):
    settings.LIVEKIT_API_URL = f"ws://{sandbox.host}/livekit"
    lobby.reload()
    expect(lobby.locator("#preview")).to_have_attribute("data-camera", "on")
    lobby.get_by_role("button", name="Join call").click()
    for _attempt in range(2):
        expect(lobby.get_by_role("heading", name="The call cannot be reached")).to_be_focused()
        lobby.get_by_role("button", name="Try again").click()
    lobby.get_by_role("link", name="Back to the schedule").click()
    expect(lobby).to_have_url(re.compile("/scheduling$"))
    assert Call.objects.get().appointment_id == world.appointment.pk


@pytest.mark.parametrize(("language", "join"), [("nl", "Deelnemen"), ("fr", "Rejoindre l’appel")])
def test_other_languages_fit_a_phone(
    context: BrowserContext, lobby: Page, world: World, language: str, join: str
):
    User.objects.filter(pk=world.users["CLOSER"].pk).update(language=language)
    script_the_library(context)
    lobby.goto("/scheduling")
    look_at(lobby)
    lobby.get_by_role("link", name=join).click()
    expect(lobby.locator("#preview")).to_have_attribute("data-camera", "on")
    look_at(lobby)
    lobby.get_by_role("button", name=join).click()
    expect(lobby.locator("#room")).to_be_visible()
    look_at(lobby)
    lobby.goto(f"/call/key/{invite_guest(world.appointment, actor=None)[1]}")
    look_at(lobby)


def test_on_the_way_in_one_can_turn_back(context: BrowserContext, lobby: Page):
    context.route(re.compile("/join$"), lambda _route: None)
    lobby.get_by_role("button", name="Join call").click()
    expect(lobby.get_by_role("heading", name="Bringing you into the call…")).to_be_focused()
    look_at(lobby)
    lobby.get_by_role("button", name="Cancel").click()
    expect(lobby.get_by_role("heading", name="Discovery call")).to_be_focused()


def test_a_guest_agrees_before_coming_in(site_page: Page, world: World):
    page = site_page
    token = invite_guest(world.appointment, actor=None)[1]
    page.goto(f"/call/key/{token}")
    expect(page.get_by_text(world.organization.name).first).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Join call").click()
    expect(page.get_by_text("Fill in your name")).to_be_visible()
    expect(page.get_by_label("Your name")).to_be_focused()
    page.get_by_label("Your name").fill("Ines Moreau")
    page.get_by_role("button", name="Join call").click()
    expect(page.get_by_text("You can only join when you agree")).to_be_visible()
    look_at(page)
    assert GuestInvitation.objects.filter(consent_at=None).count() == 1
    page.get_by_label(re.compile("I agree that this call may be recorded")).check()
    page.get_by_role("button", name="Join call").click()
    expect(page.get_by_role("heading", name="The call cannot be reached")).to_be_visible()
    invitation = GuestInvitation.objects.get()
    assert (invitation.display_name, invitation.consent_at is not None) == ("Ines Moreau", True)
    GuestInvitation.objects.update(revoked_at=timezone.now())
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("This link was withdrawn or is too old.")).to_be_visible()


def test_a_link_is_made_in_the_schedule_and_opens_for_somebody_else(
    context: BrowserContext, site_page: Page, world: World, enter: Any, caller: Any
):
    page = site_page
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(world.users["CLOSER"])
    page.goto("/scheduling")
    opener = page.get_by_role("link", name="Invite guest: Discovery call")
    opener.click()
    dialog = page.get_by_role("dialog", name="Invite a guest")
    expect(dialog.get_by_text("A guest needs no account.")).to_be_visible()
    look_at(page)
    dialog.get_by_role("button", name="Make a link").click()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_text("Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "/call/key/" in link
    look_at(page)
    elsewhere = caller.new_context()
    guest = elsewhere.new_page()
    guest.goto(link)
    expect(guest.get_by_label("Your name")).to_be_visible()
    dialog.get_by_role("button", name="Withdraw").click()
    expect(dialog.get_by_text("Links that work")).to_be_hidden()
    guest.reload()
    expect(guest.get_by_role("heading", name="This link no longer works")).to_be_visible()
    elsewhere.close()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_person_without_devices_or_permission_is_told_what_to_do_and_can_still_join(
    context: BrowserContext, lobby: Page
):
    page = lobby
    for name, heading in (
        ("NotAllowedError", "The camera and microphone are blocked"),
        ("NotFoundError", "No camera or microphone found"),
        ("NotReadableError", "Another program holds the camera or microphone"),
    ):
        context.add_init_script(
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new "
            f"DOMException('no', '{name}'))"
        )
        page.reload()
        expect(page.get_by_text(heading)).to_be_visible()
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        expect(page.get_by_role("button", name="Join call")).to_be_enabled()
        look_at(page)
    script_the_library(context)
    page.reload()
    page.get_by_role("button", name="Join call").click()
    expect(page.locator("#camera")).to_have_text("Turn camera on")


def test_a_camera_alone_is_missing(context: BrowserContext, lobby: Page):
    context.add_init_script(
        """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wish) =>
          wish.video ? Promise.reject(new DOMException("no", "NotFoundError")) : ask(wish);"""
    )
    lobby.reload()
    expect(lobby.get_by_text("No camera was found.")).to_be_visible()
    expect(lobby.locator("#lobby-microphone")).to_be_enabled()
    expect(lobby.locator("#lobby-camera")).to_be_disabled()


def test_a_page_that_is_not_secure_says_so(context: BrowserContext, lobby: Page):
    context.add_init_script("Object.defineProperty(window, 'isSecureContext', {get: () => false})")
    lobby.reload()
    expect(lobby.get_by_text("cannot be used at this address")).to_be_visible()
    look_at(lobby)


def test_what_koppel_refuses_is_said_in_the_lobby(lobby: Page, world: World, settings: Any):
    Appointment.objects.update(status="cancelled")
    lobby.get_by_role("button", name="Join call").click()
    expect(
        lobby.get_by_role("alert").filter(has_text="This meeting was cancelled.")
    ).to_be_visible()
    Appointment.objects.update(status="scheduled")
    settings.LIVEKIT_API_KEY = ""
    lobby.get_by_role("button", name="Join call").click()
    expect(
        lobby.get_by_role("alert").filter(has_text="not available at the moment")
    ).to_be_visible()
    assert Call.objects.count() == 0


def test_the_schedule_full_filtered_and_empty(site_page: Page, world: World, enter: Any):
    page = site_page
    # The week of those who look, and a meeting that is on in it at any hour.
    now = timezone.now().astimezone(ZoneInfo("Europe/Amsterdam"))
    Appointment.objects.update(starts_at=now, ends_at=now + timedelta(hours=1))
    monday = (now - timedelta(days=now.weekday())).replace(hour=9, minute=0)
    planned = {
        "Introduction": "completed",
        "Demo": "no_show",
        "A proposal whose title goes on and on": "cancelled",
    }
    for number, (title, status) in enumerate(planned.items()):
        world.book(monday + timedelta(days=number), status=status, closer=world.members["CLOSER"])
        Appointment.objects.filter(title="Meeting").update(
            title=title, time_zone="America/New_York"
        )
    enter(world.users["CEO"])
    page.goto("/scheduling")
    expect(page.get_by_text("No-show", exact=True).last).to_be_visible()
    look_at(page)
    page.get_by_label("Whose").select_option("Mine")
    expect(page.get_by_role("heading", name="No meetings match")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Next week").click()
    expect(page.get_by_role("heading", name="No meetings this week")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("link", name="Join call: Discovery call")).to_be_visible()


def test_the_shut_doors(site_page: Page, world: World, settings: Any):
    page = site_page
    link = f"/call/key/{invite_guest(world.appointment, actor=None)[1]}"
    settings.LIVEKIT_API_KEY = ""
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Video calls are not available")
    look_at(page)
    Appointment.objects.update(status="cancelled")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("This meeting was cancelled")
    look_at(page)
    page.goto("/call/key/never-ours")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    look_at(page)


def test_a_page_that_is_early_opens_by_itself(site_page: Page, world: World):
    opens = timezone.now() + timedelta(minutes=15, seconds=3)
    Appointment.objects.update(starts_at=opens, ends_at=opens + timedelta(hours=1))
    site_page.goto(f"/call/key/{invite_guest(Appointment.objects.get(), actor=None)[1]}")
    expect(site_page.get_by_role("heading", name="You are early")).to_be_visible()
    look_at(site_page)
    expect(site_page.get_by_label("Your name")).to_be_visible()
