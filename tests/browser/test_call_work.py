"""The page of a call by the keyboard alone: a line played, an outcome set, an item ticked,
a comment at a time.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from calls.models import Call, CallAction, CallComment, Recording
from tests.browser.conftest import PHONE, sideways, violations
from tests.calls.cast import fathom_call, native_call
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def recorded(world: World) -> Call:
    """A call of an hour in our own room, written down and with something to do after it."""
    began = timezone.now() - timedelta(hours=3)
    spoken = [
        {"speaker": "", "at": place * 30, "text": f"Sentence {place}."} for place in range(60)
    ]
    meeting = world.book(starts=began, closer=world.members["CLOSER"])
    call = native_call(
        world, meeting, status="COMPLETED", started_at=began, ended_at=began + timedelta(hours=1),
        transcript=spoken, action_items=["Send the offer"], summary="It went well.",
    )  # fmt: skip
    Recording.objects.create(call=call, state="available", key="a.mp4", duration_seconds=3600)
    return call


def choose(page: Page, word: str) -> None:
    """Choose an outcome of the menu by the keyboard."""
    outcome, choice = (
        page.get_by_role("button", name="Outcome:"),
        page.locator("#outcome-menu").get_by_text(word),
    )
    outcome.focus()
    page.keyboard.press("Enter")
    expect(choice).to_be_visible()
    while not choice.evaluate("(words) => words.closest('button') === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(outcome).to_contain_text(word)


def test_a_closer_plays_sets_ticks_and_comments_by_the_keyboard(
    site_page: Page, world: World, enter: Any, settings: Any
):
    settings.RECORDINGS_S3_BUCKET, settings.RECORDINGS_S3_ENDPOINT = "calls", "http://127.0.0.1:9"
    settings.RECORDINGS_S3_ACCESS_KEY = settings.RECORDINGS_S3_SECRET_KEY = "of-no-value"
    page, call = site_page, recorded(world)
    page.route(
        "**/recordings/*",
        lambda route: route.fulfill(status=200, content_type="video/mp4", body=b""),
    )
    enter(world.users["CLOSER"])
    # The link of a colleague leads to the line of its second, which is marked,
    # and the player stands there.
    page.goto(f"/calls/{call.pk}?t=65")
    line = page.locator("[data-lines] > [aria-current]")
    expect(line).to_contain_text("Sentence 2.")
    expect(line.locator(".transcript-time")).to_be_focused()
    expect(page.locator("[data-at]").first).to_have_text("1:05")
    # A line plays; the next is one arrow away.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(line).to_contain_text("Sentence 3.")
    expect(page.locator("[data-at]").first).to_have_text("1:30")
    expect(page.locator("#share-link")).to_have_value(f"{page.url.split('?')[0]}?t=90")
    # A comment at that line stands under it.
    page.keyboard.press("c")
    page.keyboard.type("Good answer")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-lines] > .call-comment")).to_contain_text("Good answer")
    assert CallComment.objects.get().at == 90
    # An outcome by the menu, taken back by Undo, and another set.
    outcome = page.get_by_role("button", name="Outcome:")
    choose(page, "Lost")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(outcome).to_contain_text("Set outcome")
    expect(outcome).to_be_focused()
    choose(page, "Won")
    expect(outcome).to_be_focused()
    tick = page.get_by_role("checkbox", name="Send the offer")
    tick.focus()
    page.keyboard.press("Space")
    expect(tick).to_be_checked()
    expect(tick).to_be_focused()
    call.refresh_from_db()
    assert (call.outcome, CallAction.objects.get().done_by) == ("won", world.users["CLOSER"])
    assert violations(page) == []


def test_a_call_and_the_list_keep_to_a_phone(site_page: Page, world: World, enter: Any):
    page = site_page
    call = fathom_call(
        world,
        title="A call with a very long name that goes on and on " * 3,
        lead_id=world.lead.pk,
        outcome="follow-up",
        transcript=[
            {"speaker": "Ada" * 20, "at": 0, "text": "w" * 200},
            {"speaker": "Bo", "at": 9, "text": "Yes?"},
        ],
        action_items=["x" * 300],
    )
    enter(world.users["CLOSER"])
    page.set_viewport_size(PHONE)
    page.goto("/calls")
    assert not sideways(page)
    box = page.locator("tbody tr").first.bounding_box()
    assert box is not None
    assert box["height"] < 90
    page.goto(f"/calls/{call.pk}")
    assert not sideways(page)
    # What is known of it stands before what was said in it.
    facts, spoken = (
        page.locator(".call-facts").first.bounding_box(),
        page.locator("#transcript").bounding_box(),
    )
    assert facts is not None
    assert spoken is not None
    assert facts["y"] < spoken["y"]
    assert violations(page) == []
