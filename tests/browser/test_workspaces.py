"""Email Bison in a browser: a client from its key to its webhook,
and what people look at afterwards.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bison.models import Workspace
from tests.bison import cast
from tests.bison.webhooks import at_vendor
from tests.browser.conftest import look_at
from tests.support import people

LIST = "/client-management/api-webhooks"


@pytest.fixture
def aspen(
    transactional_db: None, bison_vendor: Any, live_server: Any, settings: Any, enter: Any
) -> Workspace:
    """A client without a key, beside two that have theirs; who looks is of operations."""
    settings.PUBLIC_URL = live_server.url
    settings.ALLOW_PRIVATE_HOSTS = [
        *settings.ALLOW_PRIVATE_HOSTS,
        live_server.url.partition("://")[2],
    ]
    maverick = cast.instance(bison_vendor)
    for number in (4, 6):
        cast.workspace(maverick, number, bison_vendor)
    made = cast.workspace(maverick, 3)
    enter(people.staff())
    return made


@pytest.mark.timeout(300)
def test_clients_are_found_as_cards_and_as_a_table_and_opened_at_the_side(
    site_page: Page, aspen: Workspace
) -> None:
    page = site_page
    page.goto(LIST)
    expect(page.locator(".workspace-card")).to_have_count(3)
    look_at(page)
    page.get_by_role("link", name="Table", exact=True).click()
    page.wait_for_url(re.compile("view=table"))
    expect(page.locator("tbody tr")).to_have_count(3)
    look_at(page)
    page.get_by_role("link", name="Cards", exact=True).click()
    page.get_by_role("searchbox", name="Search").fill("Aspen")
    page.keyboard.press("Enter")
    cards = page.locator(".workspace-card")
    expect(cards).to_have_count(1)
    cards.get_by_role("link", name="Aspen Labs", exact=True).click()
    drawer = page.get_by_role("dialog")
    for part in ("API key", "Webhook", "E-mail accounts", "Syncs", "Onboarding", "Last API calls"):
        expect(drawer.get_by_role("heading", name=part, exact=True)).to_be_visible()
    look_at(page)


@pytest.mark.timeout(300)
def test_a_client_gets_its_key_and_its_webhook_and_what_somebody_deleted_is_repaired(
    site_page: Page, aspen: Workspace, bison_vendor: Any
) -> None:
    page = site_page
    page.goto(f"/client-management/workspaces/{aspen.pk}")

    def press(name: str, says: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_text(says).first).to_be_visible()

    press("Have a key made", "The new key works and is in use now.")
    page.get_by_text("Enter a key").click()
    page.get_by_role("textbox", name="API key").fill(bison_vendor.key(3))
    press("Save and test the key", "The new key works and is in use now.")
    aspen.refresh_from_db()
    assert aspen.bison_api_key is not None
    assert aspen.bison_api_key.reveal() == bison_vendor.key(3)
    assert bison_vendor.key(3) not in page.content()
    page.get_by_text("Change the webhook").click()
    form = page.locator("form[action$='/webhook']")
    form.get_by_label("On", exact=True).check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The webhook is registered at Email Bison.").first).to_be_visible()
    page.get_by_role("button", name="Send a sample").click()
    expect(
        page.locator("[role=status], [role=alert]").filter(has_text="sample").first
    ).to_be_visible()
    press("Check now", "The webhook at Email Bison is as it should be.")

    bison_vendor.act("delete_hook", workspace=3, hook=at_vendor(bison_vendor, aspen)[0]["id"])
    press("Check now", "At Email Bison the webhook is not as it should be")
    look_at(page)
    press("Repair it", "The webhook at Email Bison is as it should be again.")
    assert len(at_vendor(bison_vendor, aspen)) == 1
    look_at(page)


@pytest.mark.timeout(300)
def test_calls_are_read_and_taken_as_a_file_and_health_is_a_chart(
    site_page: Page, aspen: Workspace
) -> None:
    page = site_page
    page.goto(LIST)
    card = page.locator(".workspace-card", has_text="Cobalt Dental")
    card.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("works").first).to_be_visible()
    page.locator(".workspace-card", has_text="Cobalt Dental").get_by_role(
        "link", name="Logs"
    ).click()
    expect(page.locator("tbody tr").first).to_contain_text("GET")
    look_at(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name=re.compile("CSV")).click()
    assert "/api/users" in taken.value.path().read_text()
    page.goto(f"{LIST}/health")
    for chart in ("Calls by the hour", "Response times by the hour"):
        expect(page.get_by_text(chart).first).to_be_visible()
    look_at(page)
