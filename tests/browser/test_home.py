"""Home in a browser: a closer gets into the next meeting, and operations to a remedy,
by the keyboard alone.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import look_at, tab_to
from tests.calls.cast import fathom_call
from tests.dashboard.conftest import make_incident, make_run
from tests.support import people
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def test_a_closer_joins_the_next_meeting_from_home_by_the_keyboard(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    enter(world.users["CLOSER"])
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    expect(page.get_by_text("Next meeting")).to_be_visible()
    countdown = page.locator(".home-hero-figure time")
    expect(countdown).to_have_text(re.compile(r"^in \d+ minutes?$"))
    # The server's words are kept true by the script.
    page.evaluate(
        "document.querySelector('.home-hero-figure time').dateTime = new Date(Date.now() + 3.5 "
        "* 36e5).toISOString()"
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(countdown).to_have_text("in 3 hours")
    look_at(page)
    page.locator("#main").focus()
    tab_to(page, "Join: ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/app/call/{world.appointment.pk}$"))


def test_operations_reach_a_remedy_from_home_by_the_keyboard(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    make_incident("The key is refused", world.organization, cause="fathom_account:1")
    make_run(world.organization, state="failed")
    enter(people.staff())
    page.goto("/")
    expect(
        page.get_by_text("Every part answers").or_(page.get_by_text("Not answering").first)
    ).to_be_visible()
    look_at(page)
    page.locator("#main").focus()
    tab_to(page, "Test the connection: ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/settings/fathom$"))


def test_full_homes_are_clean_in_both_sizes_and_lights(site_page: Page, world: World, enter: Any):
    began = timezone.now() - timedelta(days=1)
    for number, outcome in enumerate(["", "lost", "won"]):
        facts = {"started_at": began, "ended_at": began + timedelta(hours=1), "outcome": outcome}
        fathom_call(world, title=f"A long name of a call that was with somebody {number}", **facts)
    world.book(closer=world.members["CLOSER"], team=world.team)
    make_incident("The key is refused", world.organization, cause="fathom_account:1")
    for role in ("SETTER", "MANAGER", "CEO"):
        enter(world.users[role])
        site_page.goto("/")
        look_at(site_page)
