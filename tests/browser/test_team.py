"""A CEO invites a colleague, changes a role and archives a rep: by keyboard, in drawers,
in both lights and sizes.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Invitation, Member
from tests.browser.conftest import DESK, look_at
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def press_on(page: Page, role: Any, name: str, key: str = "Enter") -> None:
    """Press something by keyboard."""
    page.get_by_role(role, name=name).press(key)


def test_a_ceo_invites_and_gives_a_role_by_keyboard(site_page: Page, world: World, enter: Any):
    page = site_page
    enter(world.users["CEO"])
    page.goto("/settings/team")
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    press_on(page, "link", "Invite a colleague")
    drawer = page.locator("#team-side")
    field = drawer.get_by_label("E-mail")
    expect(field).to_be_visible()
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    field.fill("nobody")
    field.press("Enter")
    expect(drawer.locator(".field-error")).to_be_visible()
    expect(field).to_be_focused()
    field.fill("nina@example.com")
    field.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(drawer.get_by_label("Setter")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Invited, not here yet")).to_be_visible()
    expect(page.get_by_role("row", name="nina@example.com")).to_contain_text("Setter")
    assert Invitation.objects.get(email="nina@example.com").role == "SETTER"
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    press_on(page, "link", "closer")
    expect(drawer.get_by_role("heading", name="Change the role")).to_be_visible()
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    drawer.get_by_label("Closer").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_text("closer is Manager now.")).to_be_visible()
    assert Member.objects.get(user__username="closer").role == "MANAGER"
    press_on(page, "link", "setter")
    press_on(page, "link", "Remove…")
    expect(drawer.get_by_text("1 lead that they qualified")).to_be_visible()
    look_at(page)


def test_a_ceo_archives_a_rep_by_keyboard_and_brings_them_back(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    enter(world.users["CEO"])
    page.goto("/calls/reps")
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.locator("a.row-link").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rep")
    drawer = page.locator("#team-side")
    press_on(page, "button", "More")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(drawer.get_by_text("Their 0 calls stay")).to_be_visible()
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    drawer.get_by_role("button", name="Archive").press("Enter")
    expect(page.get_by_text("This rep is archived")).to_be_visible()
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    press_on(page, "button", "More")
    page.get_by_role("link", name="Addresses…").press("Enter")
    field = drawer.get_by_label("Address", exact=True)
    field.fill("late@example.com")
    field.press("Enter")
    expect(drawer.get_by_text("Adds 0 calls, takes away 0.")).to_be_visible()
    look_at(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    drawer.get_by_role("button", name="Add the address").press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="late@example.com")).to_be_visible()
    press_on(page, "button", "More")
    page.get_by_role("link", name="Bring back…").press("Enter")
    drawer.get_by_role("button", name="Bring back").press("Enter")
    expect(page.get_by_text("This rep is archived")).to_have_count(0)
    world.rep.refresh_from_db()
    assert world.rep.archived_at is None


AT_ONCE = """button => {
  button.click();
  const down = new KeyboardEvent("keydown", {key: "ArrowDown", bubbles: true, cancelable: true});
  button.dispatchEvent(down);
}"""


def test_an_arrow_that_follows_a_menus_opening_at_once_leads_to_its_second_item(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    enter(world.users["CEO"])
    page.goto(f"/calls/reps/{world.rep.pk}")
    button = page.get_by_role("button", name="More")
    page.keyboard.press("Tab")
    button.focus()
    button.evaluate(AT_ONCE)
    second = page.locator(".menu-panel:popover-open a").nth(1)
    expect(second).to_be_focused()
    # Once the browser has said that the menu is open, the focus stays where the arrow took it.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    expect(second).to_be_focused()
