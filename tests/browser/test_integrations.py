"""As a closer: find a service, test and connect it at the side, look at everything, and delete it again."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from crm.models import Organization
from integrations import services
from integrations.models import Integration
from tests.browser.conftest import look_at
from tests.integrations.conftest import KEY, toybox
from tests.integrations.contact_cast import connected, contact, open_conflict, service
from tests.integrations.events_cast import receiver
from tests.support import people

__all__ = ["receiver", "service", "toybox"]
LIST = "/dashboard/integrations"


@pytest.fixture
def anna(transactional_db):
    return people.member("CEO", people.organization(tier="TEAM"), "anna")


def test_a_service_is_tested_connected_and_deleted(site_page: Page, enter, anna, toybox):
    page = site_page
    cache.clear()
    enter(anna)
    page.goto(LIST)
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Add integration").click()
    side = page.get_by_role("dialog")
    expect(side.get_by_role("heading", name="Add integration")).to_be_visible()
    side.get_by_role("link", name="Toybox").first.click()
    expect(side.get_by_role("heading", name="Connect Toybox")).to_be_visible()
    side.get_by_label("Address").fill(toybox.url)
    side.get_by_label("API key").fill("wrong-key-of-no-value")
    side.get_by_role("button", name="Test connection").click()
    expect(side.get_by_text("The connection does not work")).to_be_visible()
    side.get_by_label("API key").fill(KEY)
    side.get_by_role("button", name="Test connection").click()
    expect(side.get_by_text("The connection works")).to_be_in_viewport()
    expect(side.locator(".test-step")).to_have_count(2)
    look_at(page)
    assert not Integration.objects.exists()
    side.get_by_role("button", name="Connect", exact=True).click()
    expect(page).to_have_url(re.compile(f"{LIST}/[0-9a-f-]+$"))
    expect(page.get_by_text("Being tested", exact=True)).to_be_visible()
    look_at(page)
    services.check(Integration.objects.get(), by="saved")
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(page.get_by_text("Last checked")).to_be_visible()
    for tab in ("Logs", "History"):
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.get_by_role("table")).to_be_visible()
        look_at(page)
    page.goto(LIST)
    look_at(page)
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name="Delete…").click()
    look_at(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()


def test_contacts_and_those_who_decide(site_page: Page, enter, anna, service):
    page = site_page
    organization = anna.memberships.get().organization
    made = connected(anna, organization, service.url)
    open_conflict(made, contact(organization, phone="1"))
    services.share(made, is_shared=True, actor=anna)
    enter(anna)
    page.goto(f"{LIST}/{made.pk}/contacts")
    expect(page.get_by_role("heading", name="To be decided")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Keep Koppel's").click()
    expect(page.get_by_text("It is decided.")).to_be_visible()


def test_the_deliveries_of_an_endpoint(site_page: Page, enter, anna, receiver):
    page = site_page
    Organization.objects.update(tier="PRO_PLUS")
    enter(anna)
    page.goto(f"{LIST}/new?provider=WEBHOOK&type=WEBHOOK")
    page.get_by_role("textbox", name="Address").fill(receiver.url())
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Shown this once")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Deliveries").click()
    look_at(page)
    page.get_by_role("button", name="Send a sample").click()
    expect(page.get_by_role("table")).to_contain_text("200")
    look_at(page)
    page.goto(f"{LIST}/{Integration.objects.get().pk}/deliveries")
    expect(page.get_by_role("table")).to_contain_text("contact.created")
    page.get_by_role("button", name="Send everything since").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at(page)


def test_a_card_shows_by_itself_that_its_first_test_has_ended(site_page: Page, enter, anna, service):
    made = connected(anna, anna.memberships.get().organization, service.url)
    enter(anna)
    site_page.goto(LIST)
    card = site_page.get_by_role("article", name=made.name)
    expect(card).to_contain_text("Being tested")
    services.check(made, by="saved")
    expect(card).to_contain_text("Connected")
