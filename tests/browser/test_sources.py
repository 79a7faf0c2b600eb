"""Thirteen calls wait: what giving them to a rep adds is said first,
then it is done, and undone.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from calls.models import Call
from crm import services
from fathom_sync.models import FathomMeeting
from sandbox.vendors.fathom import DEMO_KEYS
from tests.browser.conftest import look_at
from tests.fathom_sync.cast import CHLOE, own_account, point_at, synced
from tests.support.sandbox import Sandbox
from tests.support.world import World

WAITING = "theo.visitor@example.com"


@pytest.fixture
def world(sandbox: Sandbox, settings: Any, monkeypatch: Any, transactional_db: None) -> World:
    fathom = point_at(sandbox, settings, monkeypatch)
    fathom.turn("fathom", meetings=30)
    fathom.act("fathom", "arrive", count=13, recorded_by=WAITING)
    world = World()
    services.create_rep(organization=world.organization, name="Chloe Martin", email=CHLOE)
    synced(own_account(world.organization, DEMO_KEYS[0]))
    return world


def test_thirteen_calls_are_assigned_and_undone(site_page: Page, enter: Any, world: World):
    page = site_page
    enter(world.users["CEO"])
    page.goto("/")
    page.get_by_role("link", name="Sources").first.press("Enter")
    look_at(page)
    page.get_by_role("main").get_by_role("link", name=re.compile(r"\d+ calls?$")).press("Enter")
    row = page.get_by_role("row").filter(has_text=WAITING)
    expect(row).to_contain_text("13")
    row.get_by_role("link", name="Assign").press("Enter")

    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("This will add 13 calls.")
    look_at(page)
    drawer.get_by_label("Assign to").select_option(label="Chloe Martin")
    drawer.get_by_role("button", name="Assign 13 calls").press("Enter")

    expect(page.get_by_text("13 calls are in the library now.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=WAITING)).to_have_count(0)
    assert Call.objects.filter(rep__name="Chloe Martin", match_locked=True).count() == 13
    look_at(page)

    page.get_by_role("region", name="Notifications").get_by_role("button", name="Undo").press(
        "Enter"
    )
    expect(page.get_by_text("13 calls wait again.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=WAITING)).to_contain_text("13")
    assert not Call.objects.filter(match_locked=True).exists()
    assert FathomMeeting.objects.filter(recorder=WAITING, outcome="skipped").count() == 13

    page.goto("/sources/fathom/days")
    look_at(page)
    page.locator(".heatmap a").last.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()
    look_at(page)
