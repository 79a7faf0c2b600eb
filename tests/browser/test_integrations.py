"""As a closer: find a service, test and connect it at the side, look at everything,
and delete it again.
"""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.models import VendorAccount
from crm.models import Organization
from integrations import services
from integrations.models import Integration
from tests.browser.conftest import look_at
from tests.integrations.conftest import KEY, toybox
from tests.integrations.contact_cast import connected, contact, open_conflict, service
from tests.integrations.events_cast import receiver
from tests.integrations.test_analytics import called
from tests.integrations.toys import integration_of
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


def test_a_form_that_is_refused_stays_at_the_side_with_what_was_typed(
    site_page: Page, enter, anna, toybox
):
    page = site_page
    cache.clear()
    enter(anna)
    page.goto(LIST)
    page.get_by_role("link", name="Add integration").click()
    side = page.get_by_role("dialog")
    side.get_by_role("link", name="Toybox").first.click()
    side.get_by_label("Name").fill("Typed with care")
    side.get_by_label("Address").fill("http://toys.example")
    side.get_by_label("API key").fill(KEY)
    side.get_by_role("button", name="Connect", exact=True).click()
    address = side.get_by_label("Address")
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_be_focused()
    expect(page).to_have_url(re.compile(f"{LIST}$"))
    expect(side.get_by_role("heading", name="Connect Toybox")).to_be_visible()
    expect(side.get_by_label("Name")).to_have_value("Typed with care")
    expect(address).to_have_value("http://toys.example")
    expect(side.get_by_label("API key")).to_have_value("")
    look_at(page)
    page.evaluate(
        "() => {window.kept = window.fetch; window.fetch = () => "
        "Promise.reject(new Error('offline'))}"
    )
    address.fill(toybox.url)
    side.get_by_label("API key").fill(KEY)
    side.get_by_role("button", name="Connect", exact=True).click()
    expect(side.get_by_text("That could not be sent")).to_be_visible()
    expect(side.get_by_label("API key")).to_have_value(KEY)
    page.evaluate("() => {window.fetch = window.kept}")
    side.get_by_role("button", name="Connect", exact=True).click()
    expect(page).to_have_url(re.compile(f"{LIST}/[0-9a-f-]+$"))
    expect(page.get_by_text("Typed with care is connected. It is being tested.")).to_be_visible()


def test_figures_and_what_colleagues_use(site_page: Page, enter, anna, toybox):
    page = site_page
    organization = anna.memberships.get().organization
    ada = people.member("CLOSER", organization, "ada")
    for owner, name in ((anna, "Quiet"), (anna, "Busy"), (ada, "Shared with all")):
        made = connected(owner, organization, toybox.url, name=name)
        if name == "Busy":
            for number in range(40):
                called(
                    made,
                    timezone.now().date() - timedelta(days=number % 5),
                    success=number % 7 != 0,
                )
    shared = integration_of(ada, organization)
    VendorAccount.objects.filter(pk=shared.account_id).update(state="connected")
    services.share(shared, is_shared=True, actor=ada)
    enter(anna)
    page.goto(LIST)
    expect(page.get_by_text("Your team uses Toybox: 1 colleague.")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Analytics").click()
    expect(page.get_by_text("Calls by the day", exact=True).first).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Busy").click()
    expect(page).to_have_url(re.compile(r"/logs\?period=30$"))
    expect(page.get_by_role("table")).to_be_visible()
    Integration.objects.all().delete()
    page.goto(f"{LIST}/analytics?period=7")
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()
    look_at(page)


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


def test_a_card_shows_by_itself_that_its_first_test_has_ended(
    site_page: Page, enter, anna, service
):
    made = connected(anna, anna.memberships.get().organization, service.url)
    enter(anna)
    site_page.goto(LIST)
    card = site_page.get_by_role("article", name=made.name)
    expect(card).to_contain_text("Being tested")
    services.check(made, by="saved")
    expect(card).to_contain_text("Connected")
