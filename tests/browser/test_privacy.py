"""The page of privacy and a certificate, as a head of an organization sees and uses them."""

from typing import Any

from playwright.sync_api import Page, expect

from core import runs
from core.models import Run
from crm.models import Lead
from tests.browser.conftest import look_at
from tests.support import people

ADA = "ada@elsewhere.example"


def test_somebody_is_erased_by_the_keyboard_and_certified(
    site_page: Page, transactional_db: None, enter: Any
):
    organization = people.organization()
    enter(people.member("CEO", organization, "ceo"))
    Lead.objects.create(
        organization=organization, name="Ada Lovelace", email=ADA, email_normalized=ADA
    )
    site_page.goto("/settings/privacy")
    look_at(site_page)
    erase = site_page.get_by_role("region", name="Erase somebody")
    erase.get_by_label("E-mail").focus()
    site_page.keyboard.type(ADA)
    site_page.keyboard.press("Tab")
    site_page.keyboard.type("somebody@else.example")
    site_page.keyboard.press("Enter")
    expect(erase.locator(".field-error")).to_contain_text("once more, exactly")
    look_at(site_page)
    again = erase.get_by_label("The same address once more")
    again.fill(ADA)
    again.press("Enter")
    expect(site_page.get_by_role("link", name="Look")).to_be_visible()
    runs.execute(Run.objects.get(kind="person_erasure").pk)
    site_page.reload()
    look_at(site_page)
    site_page.get_by_role("link", name="Look").click()
    expect(site_page.get_by_role("rowheader", name="Leads", exact=True)).to_be_visible()
    look_at(site_page)
