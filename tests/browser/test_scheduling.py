"""The schedule in a browser: a meeting booked by keyboard alone, moved, cancelled, taken back,
found in its week.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Appointment, Lead
from tests.browser.conftest import look_at
from tests.support.world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def test_a_setter_books_a_meeting_with_a_new_lead_by_keyboard_alone(
    site_page: Page, enter: Any, world: World
):
    page, keys = site_page, site_page.keyboard
    enter(world.users["SETTER"])
    page.goto("/scheduling")
    page.get_by_role("link", name="Book meeting").focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Book meeting")).to_be_visible()
    page.locator("summary", has_text="New lead").focus()
    keys.press("Enter")
    keys.press("Tab")
    keys.type("Ada Byron")
    keys.press("Tab")
    keys.type("ada@byron.example")
    page.get_by_label("Closer").focus()
    keys.type("closer")
    page.get_by_label("Date").fill(f"{tomorrow():%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill("12:00")
    page.get_by_label("Length").focus()
    keys.type("1 hour")
    keys.press("Tab")
    expect(page.locator(".freebusy")).to_contain_text("closer that day")
    look_at(page)
    page.get_by_role("button", name="Book meeting").focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Byron")
    booked = Appointment.objects.get(lead=Lead.objects.get(name="Ada Byron"))
    assert booked.closer == world.members["CLOSER"]
    assert booked.ends_at - booked.starts_at == timedelta(hours=1)
    look_at(page)


def test_a_meeting_is_moved_cancelled_and_taken_back(site_page: Page, enter: Any, world: World):
    page, booked = site_page, world.appointment
    enter(world.users["CEO"])
    page.goto(f"/scheduling/{booked.pk}")
    page.get_by_role("link", name="Move or reassign").click()
    page.get_by_label("Date").fill(f"{tomorrow():%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill("09:30")
    expect(page.locator(".clocks")).to_contain_text("09:30 – 10:30")
    look_at(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".meeting-history")).to_contain_text("Moved")
    booked.refresh_from_db()
    assert f"{booked.starts_wall:%H:%M}" == "09:30"

    page.get_by_role("link", name="Cancel meeting").click()
    page.get_by_label("Reason").fill("The lead is ill")
    look_at(page)
    page.get_by_role("button", name="Cancel meeting").click()
    expect(page.get_by_text("Reason: The lead is ill")).to_be_visible()
    booked.refresh_from_db()
    assert booked.status == "cancelled"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The meeting stands again.")).to_be_visible()
    booked.refresh_from_db()
    assert booked.status == "scheduled"


def test_the_week_is_walked_by_keys_and_a_meeting_opens_at_its_side(
    site_page: Page, enter: Any, world: World
):
    page, monday = site_page, datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
    for days, hours in ((0, 0), (0, 2), (1, 2)):
        made = world.book(monday + timedelta(days=days, hours=hours))
        Appointment.objects.filter(pk=made.pk).update(title=f"Meeting {days} {hours}")
    enter(world.users["CEO"])
    page.goto("/scheduling?view=week&week=2026-06-15")
    look_at(page)
    page.get_by_role("link", name="Meeting 0 0").focus()
    for key, name in (
        ("ArrowDown", "Meeting 0 2"),
        ("ArrowRight", "Meeting 1 2"),
        ("ArrowLeft", "Meeting 0 2"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    drawer = page.locator("#meeting")
    expect(drawer.get_by_role("heading", name="Meeting 0 2")).to_be_visible()
    expect(drawer.get_by_text("Monday 15 June, 13:00 – 14:00")).to_be_visible()
    look_at(page)
