"""The search over any page, by keyboard alone."""

from typing import Any

from playwright.sync_api import Page, expect

from crm.models import Lead
from tests.browser.conftest import look_at
from tests.support import people


def test_a_person_is_found_from_anywhere_and_opened_without_a_mouse(
    site_page: Page, transactional_db: None, enter: Any
):
    organization = people.organization()
    enter(people.member("CEO", organization, "ceo"))
    ada = Lead.objects.create(organization=organization, name="Ada Quokka", company="Quokka Ltd")
    Lead.objects.create(organization=organization, name="Bea Quokka")
    site_page.goto("/settings/profile")
    site_page.keyboard.press("Control+k")
    palette = site_page.get_by_role("dialog", name="Search")
    palette.get_by_role("combobox").press_sequentially("quokka")
    expect(palette.get_by_role("link")).to_have_count(2)
    site_page.keyboard.press("ArrowDown")
    site_page.keyboard.press("ArrowUp")
    look_at(site_page)
    site_page.keyboard.press("Enter")
    site_page.wait_for_url(f"**/people/leads/{ada.pk}")


def test_letters_go_to_pages_and_not_while_somebody_types(
    site_page: Page, transactional_db: None, enter: Any
):
    enter(people.member("CEO", people.organization(), "ceo"))
    site_page.goto("/search?q=quokka")
    look_at(site_page)
    site_page.get_by_role("searchbox").first.press_sequentially("gc/?")
    assert site_page.url.endswith("/search?q=quokka")
    site_page.locator("h1").click()
    site_page.keyboard.press("g")
    site_page.keyboard.press("c")
    site_page.wait_for_url("**/calls")
    site_page.keyboard.press("?")
    site_page.wait_for_url("**/search/shortcuts")
    look_at(site_page)
