"""The call library in a browser: a word found, its call opened, the word found in it;
figures; the switch; all calm.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from calls.models import Call, CallParticipant, Recording
from crm.models import OrganizationSettings
from tests.browser.conftest import DESK, PHONE, sideways, violations
from tests.calls.cast import fathom_call, native_call
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def long_call(world: World) -> Call:
    """An hour of talk, in which one word is said three times, once with an accent."""
    segments = [
        {
            "speaker": f"Speaker {n % 2}",
            "at": n * 5,
            "text": f"Sentence {n} of a long and quiet conversation.",
        }
        for n in range(900)
    ]
    for place, words in (
        (40, "Our réunion is on Monday."),
        (500, "That reunion was good."),
        (880, "REUNION!"),
    ):
        segments[place]["text"] = words
    began = timezone.now() - timedelta(hours=2)
    return fathom_call(
        world,
        title="The long one",
        started_at=began,
        ended_at=began + timedelta(hours=1),
        summary="## Plans\n- **one**\n- [two](https://fathom.video/x)",
        action_items=["Send it"],
        participants=[{"display_name": "Ada", "is_host": True}],
        transcript=segments,
    )


def film(world: World, state: str = "available") -> Call:
    now = timezone.now()
    begins, ends = now - timedelta(hours=3), now - timedelta(hours=2)
    call = native_call(
        world, world.book(starts=begins), status="COMPLETED", started_at=begins, ended_at=ends
    )
    Recording.objects.create(call=call, state=state, key="a.mp4", duration_seconds=3600)
    CallParticipant.objects.create(
        call=call, kind="guest", is_guest=True, display_name="Lea", total_seconds=60, joined_at=now
    )
    return call


def test_a_call_is_found_by_a_word_opened_and_the_word_found_in_it(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    long_call(world)
    fathom_call(world, title="Another")
    enter(world.users["CLOSER"])
    page.goto("/")
    page.get_by_role("link", name="Calls", exact=True).click()
    page.get_by_role("searchbox", name="Search").fill("reunion")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody mark").first).to_be_visible()
    page.get_by_role("link", name="The long one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The long one")
    # It followed the page, and what was looked for is marked in it, accents or not.
    expect(page.locator("[data-find-count]")).to_have_text("1 / 3")
    expect(page.locator("mark")).to_have_text(["réunion", "reunion", "REUNION"])
    field = page.get_by_label("Search this transcript")
    field.press("Enter")
    expect(page.locator("mark[aria-current]")).to_have_text("reunion")
    expect(page.locator("mark[aria-current]")).to_be_in_viewport()
    field.fill("sentence 777")
    expect(page.locator("[data-find-count]")).to_have_text("1 / 1")
    field.fill("zeppelin")
    expect(page.locator("[data-find-count]")).to_have_text("not found")
    expect(page.locator("mark")).to_have_count(0)
    # The way back leads to what was found.
    page.go_back()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("reunion")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_filters_work_without_scripts(
    browser: Any, live_server: Any, world: World, enter: Any, context: Any
):
    fathom_call(world, title="Won one", outcome="won")
    fathom_call(world, title="Lost one", outcome="lost")
    call = long_call(world)
    enter(world.users["CEO"])
    plain = browser.new_context(java_script_enabled=False, base_url=live_server.url, viewport=PHONE)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto("/calls")
    page.get_by_text("More filters").click()
    page.get_by_label("Outcome").select_option("won")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".row-link")).to_have_text(["Won one"])
    expect(page.get_by_label("Outcome")).to_be_visible()
    page.goto(f"/calls/{call.pk}")
    page.get_by_role("link", name="Read the transcript").click()
    expect(page.get_by_text("That reunion was good.")).to_be_visible()
    plain.close()


def test_the_chief_turns_recording_off_and_on_and_the_figures_follow_a_call(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    enter(world.users["CEO"])
    page.goto("/calls/statistics")
    expect(page.get_by_text("No calls in this time")).to_be_visible()
    film(world)
    page.get_by_role("button", name="Period").click()
    page.get_by_role("link", name="7 days").click()
    expect(page.locator(".stat-value").first).to_have_text("1")
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Calls").click()
    for enabled in (False, True):
        page.get_by_role("switch", name="Record calls").set_checked(enabled)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your choice is saved.")).to_be_visible()
        expect(page.get_by_role("switch", name="Record calls")).to_be_checked(checked=enabled)
        assert (
            OrganizationSettings.objects.get(organization=world.organization).call_recording_enabled
            is enabled
        )


def test_the_player_obeys_the_keyboard_and_a_time_that_was_said(
    site_page: Page, world: World, enter: Any, settings: Any
):
    settings.RECORDINGS_S3_BUCKET, settings.RECORDINGS_S3_ENDPOINT = "calls", "http://127.0.0.1:9"
    settings.RECORDINGS_S3_ACCESS_KEY = settings.RECORDINGS_S3_SECRET_KEY = "of-no-value"
    page = site_page
    call = film(world)
    enter(world.users["CEO"])
    page.goto(f"/calls/{call.pk}")
    place = page.get_by_label("Place in the recording")
    expect(place).to_be_visible()
    expect(page.locator("video")).not_to_have_attribute("controls", "")
    expect(page.locator(".player-time")).to_have_text("0:00 / 1:00:00")
    place.focus()
    page.keyboard.press("End")
    expect(page.locator("[data-at]")).to_have_text("1:00:00")
    for key, shown in (
        ("ArrowLeft", "59:59"),
        ("PageDown", "59:49"),
        ("ArrowRight", "59:50"),
        ("PageUp", "1:00:00"),
    ):
        page.keyboard.press(key)
        expect(page.locator("[data-at]")).to_have_text(shown)
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    expect(page.locator("[data-at]")).to_have_text("0:00")
    mute = page.get_by_role("button", name="Mute")
    mute.focus()
    page.keyboard.press("m")
    expect(mute).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []


@pytest.mark.parametrize("state", ["full", "empty"])
def test_every_page_of_calls_in_both_sizes_and_lights(
    site_page: Page, world: World, enter: Any, state: str
):
    page = site_page
    paths = ["/calls", "/calls?search=reunion&length=hours", "/calls?outcome=none", "/calls/reps",
             "/calls/statistics",
             "/settings/calls", f"/calls/reps/{world.rep.pk}", "/"]  # fmt: skip
    if state == "full":
        paths += [
            f"/calls/{call.pk}" for call in (long_call(world), film(world), film(world, "failed"))
        ]
    enter(world.users["CEO"])
    for path in paths:
        answer = page.goto(path)
        assert answer
        assert answer.status == 200, path
        page.wait_for_load_state("networkidle")
        for size, light in ((PHONE, "light"), (DESK, "dark")):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=light, reduced_motion="reduce")  # type: ignore[arg-type]
            assert violations(page) == [], f"{path} {size['width']} {light}"
            assert sideways(page) == 0, f"{path} {size['width']}"
