"""Days of those who run things, by the keyboard alone: a refused key put right,
a month of figures read.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.alerts import personal
from core.models import Incident
from crm.models import Appointment
from fathom_sync import accounts
from sandbox.vendors.fathom import DEMO_KEYS
from tests.browser.conftest import look_at, tab_to
from tests.calls.cast import fathom_call
from tests.fathom_sync.cast import own_account, point_at, synced
from tests.support.sandbox import Sandbox
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def test_a_refused_key_is_told_and_put_right(
    site_page: Page,
    world: World,
    enter: Any,
    sandbox: Sandbox,
    settings: Any,
    monkeypatch: Any,
    mailoutbox: list[Any],
):
    page, keys = site_page, site_page.keyboard
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=7)
    account = own_account(world.organization, "a-key-that-fathom-withdrew")
    assert synced(account).state == "failed"
    incident = Incident.objects.get(closed_at=None)
    personal.send_waiting()
    # Whoever heads the organization is told, and led to where it is put right.
    [alert] = [message for message in mailoutbox if world.users["CEO"].email in message.to]
    assert incident.headline in alert.subject + alert.body

    enter(world.users["CEO"])
    page.goto("/")
    expect(page.get_by_role("region", name="Needs you")).to_contain_text(incident.headline)
    page.locator("#main").focus()
    tab_to(page, "Test the connection: ")
    keys.press("Enter")
    expect(page.locator("#fathom-state")).to_contain_text("Connection failed")
    page.locator("#main").focus()
    tab_to(page, "API key")
    keys.type(DEMO_KEYS[0])
    tab_to(page, "Save")
    keys.press("Enter")
    expect(page.locator("#fathom-state")).to_contain_text("Connected")
    assert not Incident.objects.filter(closed_at=None).exists()
    assert accounts.states([account])[account.pk].state.value == "connected"
    keys.press("g")
    keys.press("h")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    expect(page.get_by_text(incident.headline)).to_have_count(0)


def test_a_manager_reads_a_month_and_what_is_behind_a_figure(
    site_page: Page, world: World, enter: Any
):
    page, keys = site_page, site_page.keyboard
    now = timezone.now()
    for days, status in ((1, "completed"), (2, "no_show"), (3, "no_show"), (50, "no_show")):
        booked = world.book(
            now - timedelta(days=days), closer=world.members["CLOSER"], team=world.team
        )
        Appointment.objects.filter(pk=booked.pk).update(status=status)
        began = now - timedelta(days=days)
        fathom_call(
            world, title=f"Call {days}", started_at=began, ended_at=began + timedelta(minutes=20)
        )
    enter(world.users["MANAGER"])
    page.goto("/calls/statistics")
    page.locator("#main").focus()
    tab_to(page, "Period: ")
    keys.press("Enter")
    tab_to(page, "90 days")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Period: 90 days")).to_be_visible()
    missed = page.locator(".stat").filter(has_text="No-shows").locator(".stat-value")
    expect(missed).to_have_text("3")
    page.locator("#main").focus()
    tab_to(page, "No-shows")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Meetings")
    expect(page.locator("tbody tr")).to_have_count(3)
    look_at(page)
    # One of them is looked at beside the list, and closed again.
    page.locator("#main").focus()
    tab_to(page, world.lead.name)
    keys.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("No-show").first).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.go_back()
    page.locator("#main").focus()
    # The rep behind the month, and their calls.
    tab_to(page, world.rep.name, most=90)
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/calls\?"))
    expect(page.locator("tbody tr")).to_have_count(4)
