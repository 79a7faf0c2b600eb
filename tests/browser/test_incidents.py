"""Incidents in a browser, by the keyboard alone: acknowledged, snoozed and woken,
and silent during maintenance.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.models import Incident, MaintenanceWindow
from tests.browser.conftest import look_at, tab_to
from tests.dashboard.conftest import make_incident
from tests.support import people
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


@pytest.fixture
def incident(world: World) -> Incident:
    return make_incident("The key is refused", world.organization, cause="fathom_account:1")


def press(page: Page, name: str) -> None:
    """Press the button or link of this name as somebody without a mouse."""
    page.locator("#main").focus()
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_incident_is_acknowledged_snoozed_and_woken_by_the_keyboard(
    site_page: Page, incident: Incident, enter: Any
):
    page = site_page
    enter(people.staff())
    page.goto("/incidents")
    expect(page.get_by_role("link", name="The key is refused")).to_be_visible()
    look_at(page)
    press(page, "Acknowledge")
    page.goto(f"/incidents/{incident.pk}")
    expect(page.get_by_text("Acknowledged").first).to_be_visible()
    look_at(page)
    press(page, "1 hour")
    page.goto(f"/incidents/{incident.pk}")
    expect(page.get_by_role("button", name="End snooze")).to_be_visible()
    look_at(page)
    press(page, "End snooze")
    page.goto(f"/incidents/{incident.pk}")
    expect(page.get_by_role("button", name="4 hours")).to_be_visible()
    expect(page.locator(".incident-history li")).to_have_count(4)
    incident.refresh_from_db()
    assert incident.acknowledged_at
    assert not incident.is_snoozed


def test_maintenance_is_planned_and_ended(site_page: Page, incident: Incident, enter: Any):
    page = site_page
    enter(people.staff())
    page.goto("/incidents/maintenance")
    look_at(page)
    page.goto("/incidents/maintenance/new")
    look_at(page)
    press(page, "Plan maintenance")
    expect(page.locator(".field-error").first).to_be_visible()
    look_at(page)
    now = timezone.localtime()
    page.locator("select[name=subject]").select_option(index=1)
    page.get_by_label("From").fill(f"{now:%Y-%m-%dT%H:%M}")
    page.get_by_label("Until").fill(f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.get_by_label("Reason").fill("The vendor moves its servers")
    press(page, "Plan maintenance")
    expect(page.get_by_text("The vendor moves its servers").first).to_be_visible()
    look_at(page)
    window = MaintenanceWindow.objects.get()
    page.goto(f"/incidents/maintenance/{window.pk}")
    look_at(page)
    press(page, "End now")
    page.goto("/incidents/maintenance")
    expect(page.get_by_text("The vendor moves its servers").first).to_be_visible()
    window.refresh_from_db()
    assert window.ends_at <= timezone.now()


def test_a_calm_page_says_so(site_page: Page, world: World, enter: Any):
    enter(people.staff())
    for path in ("/incidents", "/incidents/uptime", "/incidents?search=nothing"):
        site_page.goto(path)
        look_at(site_page)
