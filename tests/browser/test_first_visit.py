"""A new person: signs in, sees the empty dashboard, makes it speak
their language in their light.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from crm.models import Organization
from tests.browser.conftest import DESK, PHONE, sideways
from tests.support import people


@pytest.fixture
def ceo(transactional_db: None) -> User:
    organization: Organization = people.organization("Northwind Sales")
    return people.member("CEO", organization, "ada")


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Username or e-mail").fill("ada")
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_new_person_signs_in_and_chooses_language_and_theme(
    site_page: Page, ceo: User, size: dict[str, int]
):
    page = site_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    sign_in(page)
    expect(page.get_by_text("Do these first.")).to_be_visible()
    expect(page.get_by_text("Nothing needs you now.")).to_be_visible()
    assert sideways(page) == 0

    if size is PHONE:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="ada").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark == "rgb(17, 20, 22)"

    page.get_by_role("button", name="Nederlands").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Start")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ceo.refresh_from_db()
    assert (ceo.theme, ceo.language) == ("dark", "nl")


def test_everything_can_be_done_from_the_keyboard(site_page: Page, ceo: User):
    page = site_page
    page.goto("/")
    keys = page.keyboard
    keys.type("ada")
    keys.press("Tab")
    keys.type(people.PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")

    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("link", name="Complete your profile")).to_be_focused()
    assert (
        page.evaluate("getComputedStyle(document.activeElement, '::after').outlineStyle") == "solid"
    )

    user_button = page.get_by_role("button", name="ada")
    user_button.focus()
    keys.press("Enter")
    expect(page.get_by_role("button", name="System")).to_be_focused()
    keys.press("ArrowDown")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    keys.press("End")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    keys.press("Escape")
    expect(user_button).to_be_focused()
    expect(user_button).to_have_attribute("aria-expanded", "false")

    keys.press("Enter")
    expect(page.get_by_role("button", name="System")).to_be_focused()
    keys.press("End")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_signing_in_switching_and_finding_the_way_work_without_scripts(
    browser: Any, live_server: Any, ceo: User
):
    context = browser.new_context(
        java_script_enabled=False, base_url=live_server.url, viewport=PHONE
    )
    page = context.new_page()
    sign_in(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="ada").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="ada").click()
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Réglages").click()
    expect(page.locator("h1")).to_have_text("Réglages")
    expect(page.locator(".tab[aria-current=page]")).to_have_text("Profil")
    context.close()


def test_the_sheet_on_the_phone_opens_closes_and_never_hides_the_page_for_good(
    site_page: Page, ceo: User, enter: Any
):
    page = site_page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    enter(ceo)
    page.goto("/")
    expect(page.get_by_role("link", name="Activity", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Activity", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Activity", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Activity", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activity")
