"""In the room: who is seen and heard, and how it ends. Its people come from a script
in the place of the library.
"""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.call.conftest import script_the_library, until
from tests.browser.conftest import DESK, look_at


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
    # How it went is asked first: outcome, note, save.
    for _field in range(4):
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


def test_whoever_cannot_have_the_library_is_told_and_comes_in_at_the_next_try(
    lobby: Page, context: BrowserContext, complaints: list[str]
):
    context.route(re.compile("livekit-client"), lambda route: route.abort())
    lobby.reload()
    expect(lobby.locator("#preview")).to_have_attribute("data-camera", "on")
    lobby.get_by_role("button", name="Join call").click()
    expect(lobby.get_by_role("heading", name="The call cannot be reached")).to_be_focused()
    # The browser complains of the file that was kept from it, and of nothing else.
    assert {text.partition(":")[0] for text in complaints} <= {"Failed to load resource"}
    complaints.clear()
    script_the_library(context)
    lobby.get_by_role("button", name="Try again").click()
    expect(lobby.locator("#room")).to_be_visible()
