"""A lead that is found, opened, made one with a duplicate and taken apart again:
by keyboard alone.
"""

import re
from typing import Any

from playwright.sync_api import Page, expect

from crm import services
from crm.models import Lead
from tests.browser.conftest import PHONE, look_at
from tests.support.world import World


def test_a_duplicate_is_merged_and_undone_by_keyboard(
    site_page: Page, transactional_db: None, enter: Any
):
    page, world = site_page, World()
    services.create_lead(
        organization=world.organization,
        name="Ada Again",
        email="lead@example.com",
        company="A" * 120,
        phone="+31 20 1",
    )
    assert world.call
    enter(world.users["CEO"])
    page.goto("/people")
    look_at(page)
    page.get_by_role("searchbox", name="Search").focus()
    page.keyboard.type("ada again")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"search=ada\+again"))
    expect(page.locator(".row-link")).to_have_text(["Ada Again"])
    page.goto(f"/people/leads/{world.lead.pk}")
    look_at(page)
    page.get_by_role("link", name="Compare Ada Again").focus()
    page.keyboard.press("Enter")
    drawer = page.locator("dialog[open]")
    name = drawer.get_by_role("group", name="Name")
    expect(name.get_by_label("Lead", exact=True)).to_be_checked()
    look_at(page)
    name.get_by_label("Lead", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(name.get_by_label("Ada Again")).to_be_checked()
    drawer.get_by_role("button", name="Merge").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Again")
    expect(page.get_by_text("Merged with Ada Again").first).to_be_visible()
    assert Lead.objects.count() == 1
    page.set_viewport_size(PHONE)
    look_at(page)
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lead")
    expect(page.get_by_text("Merge undone: Ada Again is separate again.")).to_be_visible()
    assert Lead.objects.count() == 2
