"""A day by the keyboard alone: a setter books, the closer joins, says how it went,
and stands before the next one.
"""

import re
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from crm.models import Appointment
from tests.browser.call.conftest import script_the_library
from tests.browser.conftest import tab_to
from tests.support.world import World


def test_from_a_booking_to_a_call_its_outcome_and_the_next(
    context: BrowserContext, site_page: Page, world: World, enter: Any
):
    page, keys = site_page, site_page.keyboard
    script_the_library(context)
    enter(world.users["SETTER"])
    page.goto("/")
    tab_to(page, "Book meeting")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Book meeting")
    tab_to(page, "New lead")
    keys.press("Enter")
    tab_to(page, "Name")
    keys.type("Ada Byron")
    tab_to(page, "Closer")
    keys.type("closer")
    # The next full hour may be that of the meeting that is there: then it is asked for once more.
    page.get_by_label("Date").fill(f"{world.appointment.starts_at.year + 1}-03-02")
    tab_to(page, "Book meeting")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Byron")

    enter(world.users["CLOSER"])
    page.goto("/")
    expect(page.locator(".home-hero-title")).to_have_text(world.lead.name)
    tab_to(page, "Join: ")
    keys.press("Enter")
    expect(page.locator("#preview")).to_have_attribute("data-camera", "on")
    tab_to(page, "Join call")
    keys.press("Enter")
    expect(page.locator("#room-title")).to_be_focused()
    keys.press("Alt+l")
    expect(page.get_by_role("heading", name="You left the call")).to_be_focused()
    keys.press("Tab")
    keys.press("Space")
    expect(page.get_by_role("radio", name="Won")).to_be_checked()
    tab_to(page, "Note")
    keys.type("Sends the contract")
    tab_to(page, "Save")
    keys.press("Enter")
    expect(page.get_by_text("Thank you, that is kept with the call.")).to_be_visible()
    expect(page.get_by_role("button", name="Outcome:")).to_contain_text("Won")
    expect(page.locator(".call-comment-text")).to_have_text("Sends the contract")
    world.appointment.refresh_from_db()
    assert world.appointment.status == Appointment.Status.COMPLETED

    keys.press("g")
    keys.press("h")
    expect(page.locator(".home-hero-title")).to_have_text("Ada Byron")
    # What came of the first stands in its history.
    page.goto(f"/scheduling/{world.appointment.pk}")
    expect(page.locator(".meeting-history")).to_contain_text(re.compile(r"Outcome\s+Won"))
