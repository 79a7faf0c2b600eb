"""Lists as they are worked with: filters that apply by themselves, a choice among many,
selected rows, the drawer.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.models import Run
from crm import services
from tests.browser.conftest import PHONE, look_at
from tests.calls.cast import fathom_call
from tests.support import people
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


@pytest.fixture
def guide(site_page: Page, transactional_db: None, enter: Any, settings: Any) -> Page:
    settings.DEMO = True
    enter(people.person("ada"))
    site_page.goto("/styleguide")
    return site_page


def test_a_filter_applies_when_it_is_changed_and_is_taken_away_by_its_chip(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    fathom_call(world, title="Won one", outcome="won")
    fathom_call(world, title="Lost one", outcome="lost")
    enter(world.users["CEO"])
    page.goto("/calls")
    page.get_by_text("More filters").click()
    page.get_by_label("Outcome").select_option("won")
    page.wait_for_url(re.compile(r"/calls\?outcome=won$"))
    expect(page.locator(".row-link")).to_have_text(["Won one"])
    # The focus is where it was, and what is chosen is seen.
    expect(page.get_by_label("Outcome")).to_be_focused()
    chip = page.get_by_role("link", name="Outcome Won Remove this filter")
    look_at(page)
    chip.click()
    expect(page.locator(".row-link")).to_have_count(2)
    page.get_by_role("searchbox", name="Search").fill("lost")
    page.keyboard.press("Enter")
    expect(page.locator(".row-link")).to_have_count(1)
    page.get_by_role("link", name="Clear").click()
    expect(page.locator(".row-link")).to_have_count(2)


def test_one_of_many_reps_is_found_by_typing_and_chosen_by_keyboard(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    for number in range(30):
        services.create_rep(
            organization=world.organization, name=f"Rep {number:02}", email=f"r{number}@example.com"
        )
    fathom_call(world, title="Theirs")
    chosen = services.create_rep(
        organization=world.organization, name="Zoë Last", email="zoe@example.com"
    )
    fathom_call(world, title="Hers", rep_id=chosen.pk)
    enter(world.users["CEO"])
    page.goto("/calls")
    field = page.get_by_role("combobox", name="Rep")
    field.click()
    options = page.locator(".combobox-list [role=option]")
    expect(options).to_have_count(20)
    expect(page.get_by_text("Type more letters to see the others").first).to_be_visible()
    look_at(page)
    field.fill("zoë")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"rep={chosen.pk}"))
    expect(page.locator(".row-link")).to_have_text(["Hers"])
    field = page.get_by_role("combobox", name="Rep")
    expect(field).to_have_value("Zoë Last")
    expect(field).to_be_focused()
    # Escape keeps what was chosen; nothing at all takes it away.
    field.fill("nobody of this name")
    expect(page.get_by_text("Nothing found").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_have_value("Zoë Last")
    field.fill("")
    page.keyboard.press("Tab")
    expect(page.locator(".row-link")).to_have_count(2)


def test_many_reps_are_found_by_name_without_scripts(
    browser: Any, live_server: Any, world: World, enter: Any, context: Any
):
    for number in range(30):
        services.create_rep(
            organization=world.organization, name=f"Rep {number:02}", email=f"r{number}@example.com"
        )
    fathom_call(world, title="Theirs")
    enter(world.users["CEO"])
    plain = browser.new_context(java_script_enabled=False, base_url=live_server.url, viewport=PHONE)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto("/calls")
    page.get_by_label("Rep").fill("rep 07")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No calls match")).to_be_visible()
    # The period is a popover, which needs no script.
    page.get_by_role("button", name="Period").click()
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(re.compile("period=7"))
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("button", name="Compact rows").click()
    expect(page.locator(".table-compact")).to_have_count(1)
    plain.close()


def test_days_are_chosen_in_the_picker(site_page: Page, world: World, enter: Any):
    page = site_page
    now = timezone.now()
    fathom_call(world, title="New", started_at=now - timedelta(days=2), ended_at=None)
    fathom_call(world, title="Old", started_at=now - timedelta(days=40), ended_at=None)
    enter(world.users["CEO"])
    page.goto("/calls?source=fathom")
    page.get_by_role("button", name="Period").click()
    look_at(page)
    page.get_by_label("From", exact=True).fill(f"{now - timedelta(days=50):%Y-%m-%d}")
    page.get_by_label("To", exact=True).fill(f"{now - timedelta(days=30):%Y-%m-%d}")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".row-link")).to_have_text(["Old"])
    expect(page).to_have_url(re.compile("source=fathom"))


def test_rows_are_selected_and_their_bar_counts_them(guide: Page):
    bar = guide.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    guide.get_by_label("Select Fabrikam").check()
    expect(bar).to_contain_text("1 selected")
    guide.get_by_label("Select all rows").check()
    expect(bar).to_contain_text("3 selected")
    look_at(guide)
    guide.get_by_label("Select all rows").uncheck()
    expect(bar).to_be_hidden()


def test_rows_stand_closer_at_once_and_on_the_next_page(guide: Page):
    button = guide.get_by_role("button", name="Compact rows")
    with guide.expect_response(re.compile("/preferences/density")):
        button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(guide.locator(".table-comfortable")).to_have_count(0)
    guide.reload()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_a_page_is_shown_at_the_side_and_the_focus_comes_back(guide: Page):
    link = guide.get_by_role("link", name="A call in the drawer")
    link.click()
    drawer = guide.get_by_role("dialog", name="Discovery call with Ada Lovelace")
    expect(drawer).to_contain_text("Nobody chose an outcome")
    assert guide.evaluate("document.querySelector('dialog[open]').contains(document.activeElement)")
    look_at(guide)
    guide.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(link).to_be_focused()
    link.click()
    drawer.get_by_role("link", name="Open as a page").click()
    expect(guide).to_have_url(re.compile("/styleguide/drawer$"))
    expect(guide.get_by_role("heading", level=1)).to_have_text("Discovery call with Ada Lovelace")


def test_a_page_that_cannot_be_shown_at_the_side_is_opened(guide: Page):
    guide.evaluate("document.querySelector('[data-drawer]').href = '/sign-in'")
    guide.get_by_role("link", name="A call in the drawer").click()
    # Whoever is signed in is led on from there.
    expect(guide.get_by_role("heading", level=1)).to_have_text("Home")


def test_a_long_select_is_typed_into(site_page: Page, transactional_db: None, enter: Any):
    page = site_page
    user = people.person("ada")
    enter(user)
    page.goto("/settings/profile")
    look_at(page)
    field = page.get_by_role("combobox", name="Time zone")
    field.fill("bogo")
    page.get_by_role("option", name="America/Bogota").click()
    expect(field).to_have_value("America/Bogota")
    # What is needed is not emptied.
    field.fill("")
    page.keyboard.press("Tab")
    expect(field).to_have_value("America/Bogota")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    user.refresh_from_db()
    assert user.time_zone == "America/Bogota"


def test_a_sync_is_looked_into_at_the_side_of_the_history(
    site_page: Page, world: World, enter: Any
):
    page = site_page
    run = Run.objects.create(
        kind="fathom.sync",
        state="succeeded",
        organization_id=world.organization.pk,
        outcomes={"imported": 12},
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    enter(world.users["CEO"])
    page.goto("/settings/fathom/sync")
    page.locator(".row-link").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("row", name="12")).to_be_visible()
    look_at(page)
    page.keyboard.press("Escape")
    expect(page.locator(".row-link")).to_be_focused()
    with page.context.expect_page() as opened:
        page.locator(".row-link").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url(f"**/runs/{run.pk}")
    expect(drawer).to_be_hidden()
