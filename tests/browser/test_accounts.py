"""An account that is made from its vendor's declaration: entered, tried, fetched and proved,
in a real browser.
"""

from typing import Any

from django.db import connections
from playwright.sync_api import Page, expect

from core import runs
from core.models import Run
from tests.browser.conftest import look_at
from tests.support.world import World
from tests.toy.cast import KEY
from tests.toy.service import Service, record

PAGE = "/settings/accounts/toy"


def test_from_a_key_to_a_proof(
    site_page: Page, enter: Any, transactional_db: None, service: Service
):
    world = World()
    page = site_page
    enter(world.users["CEO"])
    page.goto(PAGE)
    look_at(page)
    page.get_by_label("Address").fill(service.url)
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved, and the connection works.")).to_be_visible()
    expect(page.get_by_text("Connected").first).to_be_visible()

    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("Signed in as Ada's toys")).to_be_visible()
    look_at(page)

    service.records.append(record(25, is_private=True))
    page.get_by_role("button", name="Fetch now").click()
    expect(page.get_by_text("It has started.")).to_be_visible()
    runs.execute(Run.objects.get().pk)
    connections.close_all()
    expect(page.get_by_text("1 × Private")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("26 at Toy")).to_be_visible()
    look_at(page)

    page.get_by_label("API key").fill("toy-key-of-no-value-9999")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A new key waits")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_text("The new key is discarded.")).to_be_visible()
