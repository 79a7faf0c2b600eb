"""As a new person: paste a key, test it (bad and good), save it, find help,
and have new calls told as they happen.
"""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.masking import Secret
from core.redis import connection as redis_connection
from fathom_sync import accounts
from sandbox.vendors.fathom import DEMO_KEYS
from tests.browser.conftest import look_at
from tests.support.people import staff
from tests.support.sandbox import Sandbox
from tests.support.world import World

KEY, WRONG = DEMO_KEYS[0], "a-key-that-fathom-never-gave"
PATH = "/settings/fathom"


@pytest.fixture
def fathom(sandbox: Sandbox, settings, monkeypatch, transactional_db) -> Sandbox:
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    for key in redis_connection().scan_iter("koppel:quota:*"):
        redis_connection().delete(key)
    sandbox.turn("fathom", meetings=7)
    return sandbox


@pytest.fixture
def world(fathom) -> World:
    return World()


def test_a_chief_pastes_a_key_tests_it_saves_it_and_finds_help(
    site_page: Page, context: BrowserContext, enter, world: World
):
    page = site_page
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(world.users["CEO"])
    page.goto("/settings/profile")
    page.get_by_role("link", name="Fathom link").click()
    expect(page.locator("#fathom-state")).to_contain_text("Not set up yet")
    save, test = (
        page.get_by_role("button", name="Save"),
        page.get_by_role("button", name="Test connection"),
    )
    expect(save).to_be_disabled()
    look_at(page)

    page.get_by_role("link", name="Need help with your API key?").click()
    expect(page).to_have_url(re.compile("/settings/faq#api-key$"))
    expect(page.get_by_role("heading", name="How do I get an API key?")).to_be_in_viewport()
    look_at(page)
    page.get_by_role("link", name="Fathom link").first.click()

    field = page.get_by_label("API key")
    page.evaluate("key => navigator.clipboard.writeText(key)", WRONG)
    page.get_by_role("button", name="Paste").first.click()
    expect(field).to_have_value(WRONG)
    expect(field).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show what is typed").first.click()
    expect(field).to_have_attribute("type", "text")
    expect(save).to_be_enabled()

    test.click()
    result = page.locator("#fathom-tested")
    expect(result).to_contain_text("Invalid API key")
    expect(page.get_by_role("alert")).to_contain_text("The connection does not work")
    look_at(page)
    assert accounts.api_key(accounts.account_for(world.organization)) is None

    field.fill(KEY)
    test.click()
    expect(result).to_contain_text("Connection successful!")
    expect(result).to_contain_text("Sales Antwerp")
    expect(result).to_contain_text("7")
    expect(page.locator("#fathom-state")).to_contain_text("Not set up yet")
    save.click()
    expect(page.locator("[data-toast]").first).to_contain_text("Configuration updated successfully")
    expect(page.locator("#fathom-state")).to_contain_text("Connected")
    expect(page.locator("#fathom-state")).to_contain_text("just now")
    assert accounts.api_key(accounts.account_for(world.organization)) == Secret(KEY)
    assert KEY not in page.content()
    expect(page.get_by_label("API key")).to_have_attribute("placeholder", "koppel-..._0001")
    look_at(page)


def test_a_test_says_that_it_is_under_way_is_sent_once_and_keeps_the_focus(
    site_page: Page, enter, world: World, fathom: Sandbox
):
    page = site_page
    fathom.fault("fathom", "latency", seconds=1.5)
    enter(world.users["CEO"])
    page.goto(PATH)
    page.get_by_label("API key").fill(KEY)
    test = page.get_by_role("button", name="Test connection")
    sent: list[str] = []
    page.on(
        "request",
        lambda request: sent.append(request.url) if request.url.endswith("/test") else None,
    )
    test.dblclick()
    expect(test).to_have_attribute("aria-busy", "true")
    expect(page.locator("#fathom-tested")).to_contain_text("Connection successful!")
    expect(test).not_to_have_attribute("aria-busy", "true")
    expect(test).to_be_focused()
    assert len(sent) == 1


def test_what_cannot_be_a_key_is_said_at_the_field(site_page: Page, enter, world: World):
    page = site_page
    enter(world.users["CEO"])
    page.goto(PATH)
    page.get_by_label("API key").fill("too-short")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error").first).to_contain_text("at least 20 characters")
    expect(page.get_by_label("API key")).to_be_focused()
    look_at(page)
    page.get_by_label("API key").fill(KEY)
    expect(page.locator(".field-error")).to_have_count(0)
    # The test says it in the same place, once however often it is pressed, and asks nobody.
    page.get_by_label("API key").fill("abcde")
    for _press in range(3):
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_label("API key")).to_be_focused()
    expect(page.locator(".field-error")).to_have_text(
        ["An API key has at least 20 characters; this one has 5. Copy the whole key again."],
        use_inner_text=True,
    )
    expect(page.locator("[data-toast]")).to_have_count(0)
    expect(page.locator("#fathom-tested")).to_be_empty()
    expect(page.get_by_label("API key")).to_have_value("abcde")
    look_at(page)


def test_the_webhook_is_turned_on_and_off_and_the_key_removed(
    site_page: Page, enter, world: World, fathom: Sandbox
):
    page = site_page
    account = accounts.account_for(world.organization)
    accounts.save(account, api_key=KEY, actor="a test")
    enter(world.users["CEO"])
    page.goto(PATH)
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()
    assert len(fathom.act("fathom", "webhooks")) == 1
    look_at(page)
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()
    assert fathom.act("fathom", "webhooks") == []

    page.get_by_role("button", name="Remove the key…").click()
    look_at(page)
    page.get_by_role("button", name="Remove the key", exact=True).click()
    expect(page.locator("#fathom-state")).to_contain_text("Not set up yet")
    assert accounts.api_key(account) is None


def test_a_rep_adds_a_key_of_their_own(site_page: Page, enter, world: World):
    page = site_page
    enter(world.users["CLOSER"])
    page.goto(PATH)
    expect(page.get_by_role("heading", name="Account of Rep")).to_be_visible()
    page.get_by_label("API key").fill(DEMO_KEYS[2])
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#fathom-state")).to_contain_text("Connected")
    assert accounts.api_key(accounts.account_for(world.rep)) == Secret(DEMO_KEYS[2])
    look_at(page)


def test_staff_choose_between_the_installation_and_an_organization(
    site_page: Page, enter, world: World
):
    page = site_page
    enter(staff())
    page.goto(PATH)
    expect(page.get_by_role("heading", name="Account of the whole installation")).to_be_visible()
    page.get_by_label("Account", exact=True).select_option(label="Northwind Sales")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Account of Northwind Sales")).to_be_visible()
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#fathom-state")).to_contain_text("Connected")
    assert accounts.api_key(accounts.installation()) is None
    look_at(page)
