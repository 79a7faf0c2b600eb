"""A call as its people live it: the schedule, the lobby with their own face, the room, and what goes wrong on the way.

No media server is behind these tests: what cannot be reached is said as a person would be told. What happens in a room
with people in it is shown with a scripted stand-in for the library (scripted_livekit.js).
"""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from calls.models import Call, CallParticipant, GuestInvitation
from calls.services import invite_guest
from core.models import User
from crm.models import Appointment
from tests.browser.conftest import DESK, PHONE, WATCH, sideways, violations
from tests.support.chromium import find, launch_options
from tests.support.world import World

SCRIPTED = (Path(__file__).parent / "scripted_livekit.js").read_text()
KEEP_TRACKS = """
window.__tracks = [];
const devices = navigator.mediaDevices;
const got = devices?.getUserMedia.bind(devices);
// An empty page, before the first one, has none.
if (devices) devices.getUserMedia = async (wish) => {
  const stream = await got(wish);
  window.__tracks.push(...stream.getTracks());
  return stream;
};
"""
FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="session")
def caller(playwright: Any) -> Iterator[Any]:
    """A browser that has a camera and a microphone, and lets pages use them."""
    options = launch_options(find())
    options["args"] = [*options.get("args", []), *FAKE_DEVICES]  # type: ignore[misc]
    browser = playwright.chromium.launch(**options)
    yield browser
    browser.close()


@pytest.fixture
def context(caller: Any, live_server: Any) -> Iterator[BrowserContext]:
    opened = caller.new_context(locale="en-GB", viewport=DESK, base_url=live_server.url)
    opened.set_default_timeout(15_000)
    opened.add_init_script(KEEP_TRACKS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    """As for every page, but for the one complaint that these tests are about: the rooms cannot be reached."""
    found: list[str] = []
    context.add_init_script(WATCH)
    context.on("weberror", lambda error: found.append(str(error.error)))
    yield found
    for page in context.pages:
        found += page.evaluate("window.__violations || []")
    assert found == []


@pytest.fixture
def world(transactional_db: None, settings: Any, live_server: Any) -> World:
    # Nothing listens there: a port that the machine keeps for nobody.
    settings.LIVEKIT_API_URL = "ws://127.0.0.1:9"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = "APIkey", "made-up-secret-0123456789abcdef012345"
    settings.PUBLIC_URL = live_server.url
    made = World()
    starts = timezone.now() + timedelta(minutes=5)
    Appointment.objects.update(starts_at=starts, ends_at=starts + timedelta(hours=1), title="Discovery call")
    made.appointment.refresh_from_db()
    return made


@pytest.fixture
def lobby(site_page: Page, world: World, enter: Any) -> Page:
    enter(world.users["CLOSER"])
    site_page.goto(f"/app/call/{world.appointment.pk}")
    expect(site_page.locator("#preview")).to_have_attribute("data-camera", "on")
    return site_page


@pytest.fixture
def room(context: BrowserContext, lobby: Page) -> Page:
    """In the room, alone."""
    script_the_library(context)
    lobby.reload()
    expect(lobby.locator("#preview")).to_have_attribute("data-camera", "on")
    lobby.get_by_role("button", name="Join call").click()
    expect(lobby.locator("#room")).to_be_visible()
    return lobby


def script_the_library(context: BrowserContext) -> None:
    context.route(
        re.compile("livekit-client"), lambda route: route.fulfill(body=SCRIPTED, content_type="text/javascript")
    )


def look_at(page: Page) -> None:
    for size, light in ((PHONE, "light"), (DESK, "dark")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=light, reduced_motion="reduce")  # type: ignore[arg-type]
        assert violations(page) == [], f"{page.url} {size['width']} {light}"
        assert sideways(page) == 0, f"{page.url} {size['width']}"


def until(page: Page, expression: str) -> None:
    """Asked from outside: the page's policy lets nobody, Playwright included, make code of words."""
    deadline = time.monotonic() + 15
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)


def camera_is_on(page: Page) -> bool:
    """Whether any track that the page ever got still runs: the light on the machine."""
    return bool(page.evaluate("window.__tracks.some(track => track.readyState === 'live')"))


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
    assert CallParticipant.objects.filter(call=call).count() == 1, "the same device takes its own seat again"
    page.get_by_role("button", name="Check your devices").click()
    expect(page.locator("#preview")).to_have_attribute("data-camera", "on")
    page.get_by_role("link", name="Back to the schedule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")


def test_the_sandbox_has_no_media_and_the_page_says_so(lobby: Page, sandbox: Any, settings: Any, world: World):
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
def test_other_languages_fit_a_phone(context: BrowserContext, lobby: Page, world: World, language: str, join: str):
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


def test_everything_is_done_from_the_keyboard(room: Page):
    page, keys = room, room.keyboard
    for key, button, before, after in (
        ("Alt+m", "#microphone", "Mute", "Unmute"),
        ("Alt+c", "#camera", "Turn camera off", "Turn camera on"),
        ("Alt+s", "#screen", "Show screen", "Stop showing"),
    ):
        expect(page.locator(button)).to_have_text(before)
        keys.press(key)
        expect(page.locator(button)).to_have_text(after)
    expect(page.locator("#room-title")).to_be_focused()
    keys.press("Tab")
    expect(page.locator("#microphone")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keys.press("Enter")
    expect(page.locator("#microphone")).to_have_text("Mute")
    for name in ("camera", "screen", "devices", "leave"):
        keys.press("Tab")
        expect(page.locator(f"#{name}")).to_be_focused()
    keys.press("Alt+l")
    expect(page.get_by_role("heading", name="You left the call")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Join again")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#preview")).to_have_attribute("data-camera", "on")
    keys.press("Alt+m")
    expect(page.locator("#lobby-microphone")).to_have_text("Unmute")


def test_the_grid_grows_with_the_people_in_it(room: Page):
    page = room
    expect(page.get_by_text("You are the first one here.")).to_be_visible()
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    columns = "document.getElementById('tiles').style.getPropertyValue('--columns')"
    for people, wanted in ((2, "2"), (4, "2"), (6, "3"), (9, "3")):
        page.evaluate("count => theRoom.fillUpTo(count)", people)
        expect(page.locator("#tiles > .tile")).to_have_count(people)
        until(page, f"{columns} === '{wanted}'")
    expect(page.get_by_text("You are the first one here.")).to_be_hidden()
    expect(page.locator("#tiles > .tile").last).to_contain_text("You")
    look_at(page)
    page.evaluate("theRoom.go(theRoom.remoteParticipants.get('guest-3'))")
    expect(page.locator("#tiles > .tile")).to_have_count(8)
    expect(page.locator("#said")).to_have_text("Guest 3 left")


def test_what_people_do_is_seen_and_said(room: Page):
    page = room
    page.evaluate("window.ines = theRoom.come('Ines Moreau')")
    tile = page.get_by_role("listitem").filter(has_text="Ines Moreau")
    expect(tile).to_have_class(re.compile("has-picture"))
    expect(page.locator("#said")).to_have_text("Ines Moreau joined")
    page.evaluate("theRoom.tell('ActiveSpeakersChanged', [ines])")
    expect(tile).to_have_class(re.compile("is-speaking"))
    page.evaluate("theRoom.tell('ActiveSpeakersChanged', [])")
    expect(tile).not_to_have_class(re.compile("is-speaking"))
    page.evaluate("ines.show('microphone', false); ines.show('camera', false)")
    expect(tile).to_contain_text("muted")
    expect(tile.locator(".tile-avatar")).to_have_text("IM")
    expect(tile.locator(".tile-avatar")).to_be_visible()
    page.evaluate("ines.show('screen_share', true)")
    expect(page.get_by_text("Screen of Ines Moreau")).to_be_visible()
    look_at(page)
    page.evaluate("ines.show('screen_share', false)")
    expect(page.get_by_text("Screen of Ines Moreau")).to_be_hidden()
    page.evaluate("theRoom.record(true)")
    expect(page.locator("#recording")).to_be_visible()
    expect(page.locator("#said")).to_have_text("This call is being recorded")
    page.evaluate("theRoom.tell('Reconnecting')")
    expect(page.get_by_text("Connecting again…")).to_be_visible()
    look_at(page)
    page.evaluate("theRoom.tell('Reconnected')")
    expect(page.get_by_text("Connecting again…")).to_be_hidden()


def test_sound_that_the_browser_holds_back_is_let_go_by_a_button(room: Page):
    room.evaluate("theRoom.canPlaybackAudio = false; theRoom.tell('AudioPlaybackStatusChanged')")
    room.get_by_role("button", name="Turn sound on").click()
    expect(room.get_by_role("button", name="Turn sound on")).to_be_hidden()


def test_another_device_is_chosen_in_the_room(room: Page):
    room.get_by_role("button", name="Devices").click()
    dialog = room.get_by_role("dialog", name="Devices")
    expect(dialog.get_by_label("Microphone")).to_be_visible()
    look_at(room)
    names = dialog.get_by_label("Microphone").locator("option").all_inner_texts()
    dialog.get_by_label("Microphone").select_option(names[-1])
    until(room, "theRoom.switched?.kind === 'audioinput'")
    room.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize(
    ("reason", "heading"),
    [
        (2, "You joined from another window"),
        (5, "The call has ended"),
        (4, "The call has ended"),
        (14, "The call cannot be reached"),
    ],
)
def test_the_end_of_a_call_says_why(room: Page, reason: int, heading: str):
    room.evaluate("reason => theRoom.end(reason)", reason)
    expect(room.get_by_role("heading", name=heading)).to_be_focused()
    look_at(room)


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
            f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{name}'))"
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
    expect(lobby.get_by_role("alert").filter(has_text="This meeting was cancelled.")).to_be_visible()
    Appointment.objects.update(status="scheduled")
    settings.LIVEKIT_API_KEY = ""
    lobby.get_by_role("button", name="Join call").click()
    expect(lobby.get_by_role("alert").filter(has_text="not available at the moment")).to_be_visible()
    assert Call.objects.count() == 0


def test_the_schedule_full_filtered_and_empty(site_page: Page, world: World, enter: Any):
    page = site_page
    now = timezone.now()
    monday = (now - timedelta(days=now.weekday())).replace(hour=9, minute=0)
    planned = {"Introduction": "completed", "Demo": "no_show", "A proposal whose title goes on and on": "cancelled"}
    for number, (title, status) in enumerate(planned.items()):
        world.book(monday + timedelta(days=number), status=status, closer=world.members["CLOSER"])
        Appointment.objects.filter(title="Meeting").update(title=title, time_zone="America/New_York")
    enter(world.users["CEO"])
    page.goto("/scheduling")
    expect(page.get_by_text("No-show", exact=True).last).to_be_visible()
    look_at(page)
    page.get_by_label("Whose").select_option("Mine")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("heading", name="No meeting of this week fits")).to_be_visible()
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
